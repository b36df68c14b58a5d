import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Millis } from './millis.ts'
import type { RawAnswer, RawData, RawOrder, RawPlay } from './rawMessages.ts'
import type { RawSeat } from './rawPlayer.ts'

/** All raw players of a run, spread over several processes. */
export class RawPool implements Disposable {
  readonly #children: ChildProcess[] = []

  /** `profile`: folder for a CPU profile of each process. */
  static async start(processes: number, profile?: string): Promise<RawPool> {
    const pool = new RawPool()
    for (let n = 0; n < processes; n++) {
      const execArgv = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
      const child = fork(fileURLToPath(new URL('rawWorker.ts', import.meta.url)), { execArgv, serialization: 'advanced' })
      pool.#children.push(child)
      await once(child, 'message')
    }
    return pool
  }

  get pids(): number[] {
    return this.#children.map(({ pid = 0 }) => pid)
  }

  async enter(seats: readonly RawSeat[], play: RawPlay, { live }: { live: boolean }): Promise<void> {
    await this.#askAll((n) => ({ order: 'enter', seats: this.#share(seats, n), play: { ...play, seed: play.seed + n }, live }))
  }

  async signIn(names: readonly string[], { matchmaker, map, play }: { matchmaker: string; map: string; play: RawPlay }): Promise<void> {
    await this.#askAll((n) => ({ order: 'signIn', names: this.#share(names, n), matchmaker, map, play: { ...play, seed: play.seed + n } }))
  }

  async begin(): Promise<void> {
    await this.#askAll(() => ({ order: 'begin' }))
  }

  /** This many players of the first process read too slowly (`RawOrder`). */
  async readSlowly(count: number): Promise<void> {
    await this.#askAll((n) => ({ order: 'readSlowly', count: n === 0 ? count : 0 }))
  }

  async collect(): Promise<RawReport> {
    const answers = await this.#askAll(() => ({ order: 'collect' }))
    return reportOf(answers.flatMap((answer) => (answer.answer === 'collected' ? [answer.data] : [])))
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) if (child.connected) child.disconnect()
  }

  #share<T>(all: readonly T[], n: number): T[] {
    return all.filter((_, index) => index % this.#children.length === n)
  }

  #askAll(orderFor: (n: number) => RawOrder): Promise<RawAnswer[]> {
    return Promise.all(this.#children.map((child, n) => ask(child, orderFor(n))))
  }
}

function ask(child: ChildProcess, order: RawOrder): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('a process of raw players died; see its error output above'))
    child.once('exit', gone)
    child.once('message', (answer: RawAnswer) => {
      child.off('exit', gone)
      if (answer.answer === 'failed') reject(new Error(answer.error))
      else resolve(answer)
    })
    child.send(order)
  })
}

export type RawReport = ReturnType<typeof reportOf>

/** Sums up what the players of all processes received. Times in ms. */
export function reportOf(all: readonly RawData[]) {
  const sum = (pick: (one: RawData) => number): number => all.reduce((total, one) => total + pick(one), 0)
  const durations = (pick: (one: RawData) => Uint32Array): ReturnType<Millis['report']> => {
    const together = new Millis()
    for (const one of all) together.addAll(new Millis(pick(one)))
    return together.report()
  }
  const [online, seconds] = [sum((one) => one.online), Math.max(...all.map((one) => one.seconds))]
  const perClient = (total: number): number => Math.round((total / Math.max(1, online) / seconds) * 100) / 100
  const refused: Record<string, number> = {}
  for (const one of all) for (const [reason, count] of Object.entries(one.refused)) refused[reason] = (refused[reason] ?? 0) + count
  const samples = sum(({ inSight }) => inSight.samples)
  return {
    online,
    lost: sum((one) => one.lost),
    refused,
    seconds: Math.round(seconds * 10) / 10,
    bytesPerClientPerSecond: Math.round(perClient(sum((one) => one.bytes))),
    framesPerClientPerSecond: perClient(sum((one) => one.frames)),
    snapshotsPerClientPerSecond: perClient(sum((one) => one.snapshots)),
    inputsPerClientPerSecond: perClient(sum((one) => one.inputs)),
    inSightMean: samples === 0 ? null : Math.round((sum(({ inSight }) => inSight.sum) / samples) * 10) / 10,
    snapshotGapMs: durations((one) => one.gaps),
    inputConfirmedMs: durations((one) => one.inputDelays),
    ageMs: durations((one) => one.ages),
    ageWithin10mMs: durations((one) => one.nearAges),
    processLatenessMs: durations((one) => one.lateness),
  }
}
