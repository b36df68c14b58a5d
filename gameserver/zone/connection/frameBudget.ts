import type { Instant } from '../../../model/clock.ts'
import { type BucketSize, TokenBucket } from './tokenBucket.ts'

/** Sustained rate of messages per second that a client may send, inputs not counted. A person with a game client sends fewer than 10. */
export const MESSAGES_PER_SECOND = 60
/** Messages that a client may send at once. A server that stalled reads all messages of the stall in one burst. */
export const MESSAGE_BURST = 240
/** Messages of one type per second that are handled, unless the game states another rate. More are dropped: other players would pay for them. */
export const TYPE_RATE: BucketSize = { burst: 20, perSecond: 10 }

/**
 * Inputs per simulation step that a client may send on average. The SDK sends one. A client without the SDK may send one per frame of its screen:
 * 144 Hz are 7.2 per step of 50 ms.
 */
const INPUTS_PER_STEP = 8
/** Inputs per second that a client may send on average in a room with long steps. */
const INPUTS_PER_SECOND_MIN = 160
/** Inputs that a client may send at once, and that may wait for one step. After a stall of 17 s, 60 Hz give this many in one burst. */
export const INPUT_BURST = 1_024

/** Limits the frames of one client (rule X1). Inputs have a budget of their own, because an honest client replays them after a move or a stall. */
export class FrameBudget {
  /** Most frames that a client may send at once. */
  static readonly burst = MESSAGE_BURST + INPUT_BURST
  readonly #frames: TokenBucket
  readonly #messages: TokenBucket
  readonly #inputs: TokenBucket
  readonly #types = new Map<string, TokenBucket>()

  constructor(tickRate: number, now: Instant) {
    const inputs = { burst: INPUT_BURST, perSecond: Math.max(INPUTS_PER_STEP * tickRate, INPUTS_PER_SECOND_MIN) }
    this.#frames = new TokenBucket({ burst: FrameBudget.burst, perSecond: MESSAGES_PER_SECOND + inputs.perSecond }, now)
    this.#messages = new TokenBucket({ burst: MESSAGE_BURST, perSecond: MESSAGES_PER_SECOND }, now)
    this.#inputs = new TokenBucket(inputs, now)
  }

  /** Takes one frame that is not decoded yet. Returns `false` when the client has sent more than inputs and messages together allow. */
  takeFrame(now: Instant): boolean {
    return this.#frames.take(now)
  }
  takeInput(now: Instant): boolean {
    return this.#inputs.take(now)
  }
  takeMessage(now: Instant): boolean {
    return this.#messages.take(now)
  }
  /** Takes one message of a type that the game handles. Returns `false` when it has to be dropped. */
  takeOfType(type: string, rate: BucketSize, now: Instant): boolean {
    const bucket = this.#types.get(type) ?? new TokenBucket(rate, now)
    this.#types.set(type, bucket)
    return bucket.take(now)
  }
}
