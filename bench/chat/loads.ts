import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Order } from './messages.ts'

/** Load processes: they hold the players, so that the servers' CPU time is only the servers'. */
export class Loads implements Disposable {
  readonly #children: ChildProcess[] = []

  /** `profile`: folder for a CPU profile of each process. */
  static async start(count: number, profile: string | undefined): Promise<Loads> {
    const loads = new Loads()
    for (let n = 0; n < count; n++) {
      // The package ws takes a fifth of the CPU time that Node's own WebSocket takes.
      const execArgv = ['--no-experimental-websocket', ...(profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])]
      const child = fork(new URL('./loadProcess.ts', import.meta.url), { execArgv, serialization: 'advanced' })
      loads.#children.push(child)
      await once(child, 'message')
    }
    return loads
  }

  get pids(): number[] {
    return this.#children.map(({ pid = 0 }) => pid)
  }

  /** Gives each process its order and resolves with all answers. Throws when a process or a player fails. */
  ask<A extends Answer['answer']>(wanted: A, orderFor: (index: number) => Order): Promise<Extract<Answer, { answer: A }>[]> {
    return Promise.all(this.#children.map((child, index) => askOne(child, wanted, orderFor(index))))
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.disconnect()
  }
}

function askOne<A extends Answer['answer']>(child: ChildProcess, wanted: A, order: Order): Promise<Extract<Answer, { answer: A }>> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('a load process died'))
    const answered = (answer: Answer): void => {
      child.off('message', answered)
      child.off('exit', gone)
      if (answer.answer === wanted) resolve(answer as Extract<Answer, { answer: A }>)
      else reject(new Error(answer.answer === 'failed' ? answer.error : `a load process answered ${answer.answer}`))
    }
    child.on('message', answered)
    child.on('exit', gone)
    child.send(order)
  })
}
