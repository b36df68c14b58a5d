import type { Clock } from '../../../model/clock.ts'
import type { Counter, CounterUpdate } from '../counters.ts'
import type { GameServerRecord, GameServerView } from '../gameServerRecord.ts'
import type { HealthWatch } from '../healthWatch.ts'

/** Agones checks both since 1.55: a label value is at most 63 letters, digits, `-`, `_`, `.`; keys likewise. */
const labelText = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

/** A wrong label or annotation: the one error that the SDK gives a code of its own (3, INVALID_ARGUMENT). */
export class InvalidArgument extends Error {}

/** What one game server may ask of its sidecar: the SDK without a transport. */
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
  /** Back to Ready after so many seconds; 0: never by itself. */
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
  /** The present state first, then each change. Returns how to stop. */
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
