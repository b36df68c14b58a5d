import { setTimeout as pause } from 'node:timers/promises'
import { StrataError } from '../../model/errors.ts'
import type { Logger } from '../../service/log.ts'
import { CounterWriter } from './counterWriter.ts'
import { withDeadline } from './deadline.ts'
import { type AgonesGameServer, toGameServer } from './gameServer.ts'
import { AgonesSdk, type Sdk } from './sdk.ts'

/** What a game server asks of Agones; health pings and the watch go on by themselves, over restarts of the sidecar too. */
export interface Agones extends Disposable {
  ready(): Promise<void>
  allocate(): Promise<void>
  shutdown(): Promise<void>
  gameServer(): Promise<AgonesGameServer>
  /** Called with the present state and with each change. Returns how to stop. */
  onChange(listener: (server: AgonesGameServer) => void): () => void
  /** Published soon, newest value only. */
  setCounter(name: string, value: number): void
  setLabel(key: string, value: string): Promise<void>
}

const CALL_DEADLINE_MS = 5_000
const CONNECT_DEADLINE_MS = 35_000
const HEALTH_EVERY_MS = 1_000
const WATCH_AGAIN_MS = 500

/** Throws SERVICE_NOT_STARTED when no sidecar answers on AGONES_SDK_GRPC_PORT. */
export async function connectAgones({ signal, log }: { signal?: AbortSignal; log: Logger }): Promise<Agones> {
  const sdk = new AgonesSdk()
  try {
    await withDeadline('Agones SDK', CONNECT_DEADLINE_MS, sdk.connect(), signal)
  } catch (error) {
    sdk.close()
    throw new StrataError('SERVICE_NOT_STARTED', { what: 'Agones SDK', problem: error instanceof Error ? error.message : String(error) }, { cause: error })
  }
  return new ConnectedAgones(sdk, log)
}

class ConnectedAgones implements Agones {
  readonly #sdk: Sdk
  readonly #log: Logger
  readonly #listeners = new Set<(server: AgonesGameServer) => void>()
  readonly #counters: CounterWriter
  readonly #health: NodeJS.Timeout
  readonly #closed = new AbortController()
  #last: AgonesGameServer | undefined

  constructor(sdk: Sdk, log: Logger) {
    this.#sdk = sdk
    this.#log = log
    this.#counters = new CounterWriter((name, value) => withDeadline('Agones SDK', CALL_DEADLINE_MS, sdk.beta.setCounterCount(name, value)), log)
    this.#health = setInterval(() => this.#ping(), HEALTH_EVERY_MS)
    this.#ping()
    void this.#watch()
  }

  async ready(): Promise<void> {
    await withDeadline('Agones SDK', CALL_DEADLINE_MS, this.#sdk.ready())
  }
  async allocate(): Promise<void> {
    await withDeadline('Agones SDK', CALL_DEADLINE_MS, this.#sdk.allocate())
  }
  async shutdown(): Promise<void> {
    await withDeadline('Agones SDK', CALL_DEADLINE_MS, this.#sdk.shutdown())
  }
  async gameServer(): Promise<AgonesGameServer> {
    return toGameServer(await withDeadline('Agones SDK', CALL_DEADLINE_MS, this.#sdk.getGameServer()))
  }
  async setLabel(key: string, value: string): Promise<void> {
    await withDeadline('Agones SDK', CALL_DEADLINE_MS, this.#sdk.setLabel(key, value))
  }
  setCounter(name: string, value: number): void {
    this.#counters.set(name, value)
  }

  onChange(listener: (server: AgonesGameServer) => void): () => void {
    this.#listeners.add(listener)
    if (this.#last !== undefined) listener(this.#last)
    return () => this.#listeners.delete(listener)
  }

  #ping(): void {
    const had = this.#sdk.healthStream !== undefined
    this.#sdk.health((error) => this.#log.debug({ err: error }, 'a health ping was not sent'))
    // A stream that has ended is forgotten, so that the next ping opens another.
    if (!had) this.#sdk.healthStream?.once('status', () => (this.#sdk.healthStream = undefined))
  }

  async #watch(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      await this.#watchOnce()
      await pause(WATCH_AGAIN_MS, undefined, { signal: this.#closed.signal }).catch(() => {})
    }
  }

  /** Resolves when the stream has ended, whatever the reason. */
  async #watchOnce(): Promise<void> {
    this.#sdk.streams.length = 0
    await new Promise<void>((resolve) => {
      this.#sdk.watchGameServer(
        (server) => this.#tell(toGameServer(server)),
        () => resolve(),
      )
      this.#sdk.streams.at(-1)?.once('status', () => resolve())
      this.#closed.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #tell(server: AgonesGameServer): void {
    this.#last = server
    for (const listener of this.#listeners) {
      try {
        listener(server)
      } catch (error) {
        this.#log.error({ err: error }, 'a listener to Agones failed')
      }
    }
  }

  [Symbol.dispose](): void {
    this.#closed.abort()
    clearInterval(this.#health)
    this.#counters[Symbol.dispose]()
    this.#sdk.close()
  }
}
