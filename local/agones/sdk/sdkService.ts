import type { Clock } from '../../../model/clock.ts'
import type { Counter, CounterUpdate } from '../counters.ts'
import type { GameServerRecord, GameServerView } from '../gameServerRecord.ts'
import type { HealthWatch } from '../healthWatch.ts'

/** Form of a label value and of a key, which Agones checks since 1.55: at most 63 letters, digits, `-`, `_`, `.`. */
const labelText = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

/** A malformed label, annotation or request. The only error that the SDK answers with INVALID_ARGUMENT (code 3). */
export class InvalidArgument extends Error {}

/** The operations of Agones' sidecar for one game server, independent of the transport. */
export class SdkService {
  readonly #record: GameServerRecord
  readonly #health: HealthWatch
  readonly #clock: Clock
  #reservation: NodeJS.Timeout | undefined

  constructor(record: GameServerRecord, health: HealthWatch, clock: Clock) {
    this.#record = record
    this.#health = health
    this.#clock = clock
  }

  ready(): void {
    this.#to('Ready')
  }
  allocate(): void {
    this.#to('Allocated')
  }
  shutdown(): void {
    this.#to('Shutdown')
  }
  /** Reserves the server. It returns to Ready after `seconds`; 0 means that it stays Reserved. */
  reserve(seconds: number): void {
    this.#to('Reserved')
    if (seconds > 0) this.#reservation = setTimeout(() => this.#record.state === 'Reserved' && this.#to('Ready'), seconds * 1000).unref()
  }
  health(): void {
    this.#health.ping(this.#clock.now())
  }
  gameServer(): GameServerView {
    return this.#record.view()
  }
  /** Calls `watcher` with the current state and after each change. Returns a function that stops the calls. */
  watch(watcher: (view: GameServerView) => void): () => void {
    watcher(this.#record.view())
    return this.#record.watch(watcher)
  }
  setLabel(key: string, value: string): void {
    checkKey(key)
    if (!labelText.test(value)) throw new InvalidArgument(`invalid label value: ${value}`)
    this.#record.setLabel(key, value)
  }
  setAnnotation(key: string, value: string): void {
    checkKey(key)
    this.#record.setAnnotation(key, value)
  }
  counter(name: string): Counter {
    return this.#record.counter(name)
  }
  updateCounter(name: string, update: CounterUpdate): Counter {
    return this.#record.updateCounter(name, update)
  }
  close(): void {
    clearTimeout(this.#reservation)
  }

  #to(state: 'Ready' | 'Allocated' | 'Reserved' | 'Shutdown'): void {
    clearTimeout(this.#reservation)
    this.#record.to(state, this.#clock.now())
  }
}

function checkKey(key: string): void {
  if (key === '' || !labelText.test(`sdk-${key}`)) throw new InvalidArgument(`invalid key: ${key}`)
}
