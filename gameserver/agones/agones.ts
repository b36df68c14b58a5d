import { setTimeout as pause } from 'node:timers/promises'
import { StrataError } from '../../model/errors.ts'
import type { Logger } from '../../service/log.ts'
import { CounterWriter } from './counterWriter.ts'
import { withDeadline } from './deadline.ts'
import { type AgonesGameServer, toGameServer } from './gameServer.ts'
import { HealthPings } from './healthPings.ts'
import { AgonesSdk, type Sdk } from './sdk.ts'

/** The calls of a game server to Agones. Health pings and the watch run in the background and survive restarts of the sidecar. */
export interface Agones extends Disposable {
  ready(): Promise<void>
  allocate(): Promise<void>
  shutdown(): Promise<void>
  gameServer(): Promise<AgonesGameServer>
  /** Calls `listener` with the current state and with each change. Returns a function that removes the listener. */
  onChange(listener: (server: AgonesGameServer) => void): () => void
  /** Sets the value of a counter. It is published within a second; only the newest value is sent. */
  setCounter(name: string, value: number): void
  setLabel(key: string, value: string): Promise<void>
}

/** Deadline in ms of one SDK call; the SDK package sets none. */
const CALL_DEADLINE_MS = 5_000
/** Deadline in ms of the first connection to the sidecar, which may start after this process. */
const CONNECT_DEADLINE_MS = 35_000
/** Interval in ms between health pings. */
const HEALTH_EVERY_MS = 1_000
/** Delay in ms before the watch is opened again after it ended. */
const REWATCH_AFTER_MS = 500

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
    const pings = new HealthPings(sdk, log)
    this.#health = setInterval(() => pings.ping(), HEALTH_EVERY_MS)
    pings.ping()
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

  async #watch(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      await this.#watchOnce()
      await pause(REWATCH_AFTER_MS, undefined, { signal: this.#closed.signal }).catch(() => {})
    }
  }

  /** Resolves when the stream has ended or failed. */
  async #watchOnce(): Promise<void> {
    this.#sdk.streams.length = 0
    await new Promise<void>((resolve) => {
      this.#sdk.watchGameServer(
        (server) => this.#notify(toGameServer(server)),
        () => resolve(),
      )
      this.#sdk.streams.at(-1)?.once('status', () => resolve())
      this.#closed.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #notify(server: AgonesGameServer): void {
    this.#last = server
    for (const listener of this.#listeners) {
      try {
        listener(server)
      } catch (error) {
        this.#log.error({ err: error }, 'a listener for Agones changes failed')
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
