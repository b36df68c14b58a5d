import type { EntityView } from '../../model/wire/snapshot.ts'
import { turn } from './fields.ts'
import { PacedTime } from './pacedTime.ts'
import type { ServerClock } from './serverClock.ts'
import { CORRECTION_MS } from './track.ts'

/** Position in metres and heading in radians. */
export interface Pose {
  x: number
  y: number
  /** Only in games of three dimensions. */
  z?: number
  heading: number
}

/** What a game gives so that its own body follows inputs at once: the same rules that its room has. `State` is never changed, only replaced. */
export interface Predict<State extends Pose, Input> {
  /**
   * Runs one simulation step of the own body and returns the new state. `input` is undefined in a step without one. The room applies all inputs that wait and
   * then runs a step: of several inputs, all but the last come with `dtSeconds` 0. Between two steps it is called for the fraction that has passed, to draw.
   */
  step(state: State, input: Input | undefined, dtSeconds: number): State
  /** The state when the character goes live on a server; `self` is what the room's `selfState` returned. Default: position and heading. */
  start?(body: EntityView, self: unknown): State
  /** The state with what the server says of the body. Default: position and heading are replaced. */
  correct?(state: State, body: EntityView): State
  /** Above this error in metres the body jumps to where the server says. Default 5. Below it, the error fades. */
  snapAboveM?: number
}

/** Default of `snapAboveM`, in metres: some two thirds of a second of running. A body that is put elsewhere by the game is farther away. */
const SNAP_ABOVE_M = 5
/** Longest time in ms for which steps are predicted without an answer of the server. After that the body stands still and waits. */
const AHEAD_MAX_MS = 1_500
/** Newest inputs from which the time until the server's answer is estimated. */
const ANSWERS = 16

interface Sent<Input> {
  seq: number
  input: Input
  /** Step in which the server probably applies it. */
  tick: number
  /** Time of the server when it was made, in ms. */
  madeMs: number
}

/**
 * The own body, shown where the server will have it when the inputs made so far have reached it. Each snapshot says where it was and up to which input; from
 * there the inputs that are not in it are played again. What remains as error fades, and jumps only above `snapAboveM`.
 */
export class Prediction<State extends Pose, Input> {
  readonly pose: Pose = { x: 0, y: 0, heading: 0 }
  readonly #game: Predict<State, Input>
  readonly #time = new PacedTime()
  #clock: ServerClock
  #self: unknown
  /** Where the body is shown between `live` and the first snapshot after it. */
  #waiting: Pose | undefined
  /** The state with which the body left the last server. */
  #carried: State | undefined
  #pending: Sent<Input>[] = []
  #confirmed: { tick: number; state: State } | undefined
  #present: { tick: number; state: State; applied: number } | undefined
  readonly #answersMs: number[] = []
  #aheadMs: number
  readonly #error: Required<Pose> = { x: 0, y: 0, z: 0, heading: 0 }
  readonly #before: Required<Pose> = { x: 0, y: 0, z: 0, heading: 0 }
  #fadedAt = Number.NaN
  #snapped = 0

  /** `aheadMs`: the first estimate of the time from an input to its effect in a snapshot. */
  constructor(game: Predict<State, Input>, clock: ServerClock, aheadMs = 0) {
    this.#game = game
    this.#clock = clock
    this.#aheadMs = aheadMs
  }

  /** Whether a pose can be shown. */
  get ready(): boolean {
    return this.#confirmed !== undefined || this.#waiting !== undefined
  }
  /** How often the body jumped because the error was above `snapAboveM`. */
  get snapped(): number {
    return this.#snapped
  }
  /** Time from an input to the snapshot that shows its effect, in ms. */
  get aheadMs(): number {
    return this.#aheadMs
  }
  /** The predicted state, without the fading error; undefined before the first snapshot. */
  get state(): State | undefined {
    return this.#present?.state
  }

  /** The character is live on another server, or again on this one. On the same map the body goes on from where it is shown. */
  live(clock: ServerClock, self: unknown, { sameMap, nowMs }: { sameMap: boolean; nowMs: number }): void {
    this.#waiting = sameMap && this.ready ? { ...this.#predicted(nowMs) } : undefined
    this.#carried = sameMap ? this.#confirmed?.state : undefined
    this.#confirmed = undefined
    this.#present = undefined
    this.#clock = clock
    this.#self = self
    this.#time.restart()
    // Nobody has applied them; the new server does so in its next step.
    for (const sent of this.#pending) sent.tick = 0
  }

  /** An input was numbered and sent, or is kept for the next server. */
  sent(seq: number, input: Input, nowMs: number): void {
    this.#note(nowMs)
    this.#pending.push({ seq, input, madeMs: this.#clock.serverMs(nowMs), tick: (this.#present?.tick ?? 0) + 1 })
    // The input counts for all of the step that is half drawn already.
    this.#learn(nowMs)
  }

  /** The inputs were discarded when the connection broke. */
  forget(): void {
    this.#pending = []
  }

  /** A snapshot of step `tick` has arrived, which contains all inputs up to `lastInput`. `body`: the own body in it. */
  snapshot({ tick, lastInput, body }: { tick: number; lastInput: number; body: EntityView }, nowMs: number): void {
    const shown = this.ready
    this.#note(nowMs)
    this.#measure(tick, lastInput)
    this.#confirm(tick, lastInput, body)
    this.#waiting = undefined
    if (shown) this.#learn(nowMs)
  }

  /** The pose to draw at `nowMs`. */
  sample(nowMs: number): Readonly<Pose> {
    const predicted = this.#predicted(nowMs)
    const kept = Number.isNaN(this.#fadedAt) ? 1 : Math.exp((this.#fadedAt - nowMs) / CORRECTION_MS)
    this.#fadedAt = nowMs
    const error = this.#error
    for (const axis of axes) error[axis] *= kept
    const { pose } = this
    pose.x = predicted.x + error.x
    pose.y = predicted.y + error.y
    if (predicted.z !== undefined) pose.z = predicted.z + error.z
    pose.heading = predicted.heading + error.heading
    return pose
  }

  /** Where the body is now by its rules, between two steps, with inputs that wait for the next one. */
  #predicted(nowMs: number): Readonly<Pose> {
    this.#advance(nowMs)
    const present = this.#present
    if (present === undefined) return this.#waiting ?? this.pose
    const { stepMs } = this.#clock
    const left = present.tick < this.#limit ? Math.min(1, Math.max(0, this.#time.at / stepMs - present.tick)) : 0
    return this.#step(present.state, present.applied, this.#pending.length, (left * stepMs) / 1_000)
  }

  /** Runs the steps until now. */
  #advance(nowMs: number): void {
    const present = this.#present
    if (present === undefined) return
    const { stepMs } = this.#clock
    const now = Math.floor(this.#time.follow(this.#clock.serverMs(nowMs) + this.#aheadMs, nowMs) / stepMs)
    while (present.tick < Math.min(now, this.#limit)) this.#next(present)
    present.tick = Math.max(present.tick, now)
  }

  /** Step at which the body stands still: the server has not answered for too long. Without inputs, silence may also mean that nothing changes. */
  get #limit(): number {
    return Math.max(this.#confirmed?.tick ?? 0, this.#pending[0]?.tick ?? 0) + AHEAD_MAX_MS / this.#clock.stepMs
  }

  #next(present: { tick: number; state: State; applied: number }): void {
    present.tick++
    const from = present.applied
    while ((this.#pending[present.applied]?.tick ?? Number.POSITIVE_INFINITY) <= present.tick) present.applied++
    present.state = this.#step(present.state, from, present.applied, this.#clock.stepMs / 1_000)
  }

  /** One step with the pending inputs from one index up to another, which is not included. */
  #step(state: State, from: number, to: number, dtSeconds: number): State {
    let next = state
    for (let index = from; index < to - 1; index++) next = this.#game.step(next, this.#pending[index]?.input, 0)
    return this.#game.step(next, from < to ? this.#pending[to - 1]?.input : undefined, dtSeconds)
  }

  /**
   * Estimates the time from making an input to the earliest step that can have it. The snapshot is the first one with the input, so it was applied in one of
   * the steps since the one before; and before that it waited for half a step on average.
   */
  #measure(tick: number, lastInput: number): void {
    const { stepMs } = this.#clock
    const sinceTicks = Math.max(1, tick - (this.#confirmed?.tick ?? tick))
    for (const { seq, madeMs, tick: expected } of this.#pending) {
      if (seq > lastInput) break
      if (expected > 0) this.#answersMs.push((tick - sinceTicks / 2) * stepMs - madeMs)
    }
    if (this.#answersMs.length === 0) return
    this.#answersMs.splice(0, this.#answersMs.length - ANSWERS)
    const sorted = this.#answersMs.toSorted((a, b) => a - b)
    this.#aheadMs = Math.max(0, sorted[sorted.length >> 1] ?? 0)
  }

  #confirm(tick: number, lastInput: number, body: EntityView): void {
    const { stepMs } = this.#clock
    const from = this.#confirmed ?? (this.#carried === undefined ? undefined : { tick: tick - 1, state: this.#carried })
    const reached: { tick: number; state: State; applied: number } =
      from === undefined
        ? { tick, state: this.#start(body), applied: 0 }
        : { ...from, tick: Math.max(from.tick, tick - Math.ceil(AHEAD_MAX_MS / stepMs)), applied: 0 }
    let known = 0
    while ((this.#pending[known]?.seq ?? Number.POSITIVE_INFINITY) <= lastInput) known++
    // What the server says of the body replaces the position; the steps keep up what snapshots do not contain, such as a direction.
    while (reached.tick < tick) {
      reached.tick++
      const first = reached.applied
      const last = reached.tick === tick
      while (reached.applied < known && (last || (this.#pending[reached.applied]?.tick ?? 0) <= reached.tick)) reached.applied++
      reached.state = this.#step(reached.state, first, reached.applied, stepMs / 1_000)
    }
    if (reached.applied < known) reached.state = this.#step(reached.state, reached.applied, known, 0)
    this.#pending.splice(0, known)
    for (const sent of this.#pending) sent.tick = Math.max(sent.tick, tick + 1)
    this.#confirmed = { tick, state: this.#correct(reached.state, body) }
    this.#present = { ...this.#confirmed, applied: 0 }
    this.#carried = undefined
  }

  #start(body: EntityView): State {
    const { start } = this.#game
    // Without `start` the game says that a pose is all of its state.
    return start === undefined ? (poseOf(body) as State) : start.call(this.#game, body, this.#self)
  }

  #correct(state: State, body: EntityView): State {
    const { correct } = this.#game
    return correct === undefined ? { ...state, ...poseOf(body) } : correct.call(this.#game, state, body)
  }

  /** Remembers the predicted pose before something changes it. */
  #note(nowMs: number): void {
    const { x, y, z = 0, heading } = this.#predicted(nowMs)
    Object.assign(this.#before, { x, y, z, heading })
  }

  /** The prediction has changed since `#note`. What is shown goes on from where it is. */
  #learn(nowMs: number): void {
    const [error, before, predicted] = [this.#error, this.#before, this.#predicted(nowMs)]
    error.x += before.x - predicted.x
    error.y += before.y - predicted.y
    error.z += before.z - (predicted.z ?? 0)
    error.heading = turn(0, error.heading + turn(predicted.heading, before.heading))
    if (Math.hypot(error.x, error.y, error.z) <= (this.#game.snapAboveM ?? SNAP_ABOVE_M)) return
    for (const axis of axes) error[axis] = 0
    this.#snapped++
  }
}

const axes = ['x', 'y', 'z', 'heading'] as const

function poseOf({ x, y, heading, ...more }: EntityView): Pose {
  const { z } = more as Partial<Pose> // in games of three dimensions
  return z === undefined ? { x, y, heading } : { x, y, z, heading }
}
