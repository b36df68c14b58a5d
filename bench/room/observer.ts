import { Millis } from '../../gameserver/demo/bots/raw/millis.ts'
import { type RawCounts, RawPlayer, type RawSeat } from '../../gameserver/demo/bots/raw/rawPlayer.ts'
import type { StepReport } from './stepTimes.ts'
import { MOVING } from './walkers.ts'

/** Longest time in ms for an answer of the room. */
const ANSWER_TIMEOUT_MS = 20_000

/** What a room answers, by the type of the question, which is that of the answer. */
interface Answers {
  /** Durations of the steps since the last question. */
  steps: StepReport
  /** Megabytes of all objects and buffers that are in use, after a garbage collection. Strata's room only. */
  memory: number
}

/** A player of the bench's own process that asks the room about itself. */
export class Observer implements Disposable {
  readonly #player: RawPlayer
  readonly #waiting: Map<string, (answer: unknown) => void>

  private constructor(player: RawPlayer, waiting: Map<string, (answer: unknown) => void>) {
    this.#player = player
    this.#waiting = waiting
  }

  static async enter(seat: RawSeat, strata: boolean): Promise<Observer> {
    const waiting = new Map<string, (answer: unknown) => void>()
    const counts: RawCounts = { bytes: 0, frames: 0, snapshots: 0, inputs: 0, gaps: new Millis(), inputDelays: new Millis() }
    const onMessage = (_player: RawPlayer, type: string, data: unknown): void => waiting.get(type)?.(data)
    return new Observer(await RawPlayer.join(seat, { counts, decodes: false, movingFlag: MOVING, onMessage }, strata), waiting)
  }

  /** One question at a time of each type. */
  async ask<Type extends keyof Answers>(type: Type): Promise<Answers[Type]> {
    const answered = Promise.withResolvers<Answers[Type]>()
    this.#waiting.set(type, (answer) => answered.resolve(answer as Answers[Type])) // walkServer.ts and peerServer.ts send it
    this.#player.send(type, {})
    const timer = setTimeout(() => answered.reject(new Error(`the room did not answer "${type}"`)), ANSWER_TIMEOUT_MS)
    return await answered.promise.finally(() => clearTimeout(timer))
  }

  [Symbol.dispose](): void {
    this.#player.close()
  }
}
