import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Settings } from './matchmakerProcess.ts'
import type { Answer, Question, Reply } from './messages.ts'

type Unnumbered<Q> = Q extends Question ? Omit<Q, 'id'> : never

/** Pause before a question is asked again, in ms. */
const RETRY_MS = 200

interface Running {
  child: ChildProcess
  asked: Map<number, (answer: Answer | undefined) => void>
}

/** Several matchmaker processes that take turns in answering players. A killed one is replaced. */
export class Matchmakers implements Disposable {
  readonly #settings: Settings
  #running: Running[] = []
  #next = 0
  #id = 0

  private constructor(settings: Settings) {
    this.#settings = settings
  }

  static async start(settings: Settings, count: number): Promise<Matchmakers> {
    const matchmakers = new Matchmakers(settings)
    for (let n = 0; n < count; n++) await matchmakers.#add()
    return matchmakers
  }

  async #add(): Promise<void> {
    const child = fork(new URL('./matchmakerProcess.ts', import.meta.url), [JSON.stringify(this.#settings)], { execArgv: [] })
    const running: Running = { child, asked: new Map() }
    await once(child, 'message')
    child.on('message', ({ id, answer }: Reply) => {
      running.asked.get(id)?.(answer)
      running.asked.delete(id)
    })
    child.on('exit', () => {
      this.#running = this.#running.filter((one) => one !== running)
      for (const answer of running.asked.values()) answer(undefined)
    })
    this.#running.push(running)
  }

  /** Asks again, as a client does, when the matchmaker died or refused with a retryable error. */
  async ask(question: Unnumbered<Question>): Promise<Answer> {
    for (;;) {
      const answer = await this.#askOne(question)
      if (answer !== undefined && !('error' in answer && answer.retryable)) return answer
      await pause(RETRY_MS)
    }
  }

  #askOne(question: Unnumbered<Question>): Promise<Answer | undefined> {
    const running = this.#running[this.#next++ % this.#running.length]
    if (running === undefined) throw new Error('no matchmaker is left')
    const id = this.#id++
    return new Promise((resolve) => {
      running.asked.set(id, resolve)
      running.child.send({ ...question, id }, (error) => {
        if (error !== null) resolve(undefined) // the process has died; its `exit` event follows
      })
    })
  }

  /** Kills one matchmaker with SIGKILL and replaces it. Returns how many questions it left unanswered. */
  async killOne(): Promise<number> {
    const [victim] = this.#running
    if (victim === undefined) return 0
    const waiting = victim.asked.size
    const gone = once(victim.child, 'exit')
    victim.child.kill('SIGKILL')
    await gone
    await this.#add()
    return waiting
  }

  [Symbol.dispose](): void {
    for (const { child } of this.#running) child.kill('SIGKILL')
  }
}
