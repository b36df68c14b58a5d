import type { Logger } from '../../service/log.ts'
import type { Sdk } from './sdk.ts'

/**
 * Pings per stream. The gRPC client keeps everything that was written to a stream for a retry, until the server has answered, and Agones answers when the stream
 * ends. A ping pins 64 KiB on a busy server, because its few bytes are a slice of a larger buffer: 230 MB in an hour.
 */
export const PINGS_PER_STREAM = 60

/** Sends health pings over the stream of the SDK package, and opens a new stream after PINGS_PER_STREAM and when one has ended. */
export class HealthPings {
  readonly #sdk: Pick<Sdk, 'health' | 'healthStream'>
  readonly #log: Logger
  #sent = 0

  constructor(sdk: Pick<Sdk, 'health' | 'healthStream'>, log: Logger) {
    this.#sdk = sdk
    this.#log = log
  }

  ping(): void {
    const before = this.#sdk.healthStream
    this.#sdk.health((error) => this.#log.debug({ err: error }, 'could not send a health ping'))
    const stream = this.#sdk.healthStream
    if (stream === undefined) return
    if (stream !== before) {
      this.#sent = 0
      stream.once('status', () => {
        if (this.#sdk.healthStream === stream) this.#sdk.healthStream = undefined
      })
    }
    if (++this.#sent < PINGS_PER_STREAM) return
    stream.end()
    this.#sdk.healthStream = undefined
  }
}
