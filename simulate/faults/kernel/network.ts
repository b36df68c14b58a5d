import type { DurationMs, Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import { between, type Chance } from './chance.ts'
import { Connection, type ConnectionEnd } from './connection.ts'
import type { Kernel } from './kernel.ts'
import { Process } from './process.ts'

/** A fault of one call: its request or response is lost or late, or its request arrives twice. */
export type CallFault = 'request lost' | 'answer lost' | 'request late' | 'request twice' | 'answer late'

export interface CallOptions {
  what: string
  deadlineMs: DurationMs
  /** Whether all calls to this service share one connection and arrive in order. Otherwise a pool of connections carries them. */
  ordered: boolean
  /** Aborts when the caller gives up. */
  signal?: AbortSignal | undefined
}

/** Time until a connection to a dead process is refused, in ms. */
const REFUSED_AFTER_MS = 15
/** Extra delay of a late request or response, in ms: longer than the directory's command timeout, shorter than the database's. */
const LATE_MS = 3_500

/** The simulated network: request/response calls and long-lived connections between processes. */
export class Network {
  readonly #kernel: Kernel
  readonly #chance: Chance
  readonly #processes = new Map<string, Process>()
  readonly #splits: { a: string; b: string; until: Instant }[] = []
  readonly #slow = new Map<string, { ms: DurationMs; until: Instant }>()
  readonly #arrivals = new Map<string, Instant>()
  readonly #pending = new Map<Process, Set<() => void>>()
  readonly #connections = new Set<Connection>()
  /** Faults that are armed for the next call from a process to a service; the key is `from to`. */
  readonly #armed = new Map<string, CallFault[]>()

  constructor(kernel: Kernel, chance: Chance) {
    this.#kernel = kernel
    this.#chance = chance
  }

  /** Starts a new incarnation of the process with this name, and kills the old one. */
  start(name: string): Process {
    const process = new Process(name)
    this.#processes.get(name)?.kill()
    this.#processes.set(name, process)
    process.onDeath(() => this.#died(process))
    return process
  }
  process(name: string): Process | undefined {
    const process = this.#processes.get(name)
    return process?.dead === true ? undefined : process
  }

  // --- faults ---------------------------------------------------------------------------------------------------
  split(a: string, b: string, ms: DurationMs): void {
    const until = this.#kernel.now() + ms
    this.#splits.push({ a, b, until })
    for (const connection of this.#connections) if (connection.between(a, b)) connection.split(until, this.#chance.of(`split ${connection.name}`)())
  }
  slow(service: string, ms: DurationMs, forMs: DurationMs): void {
    this.#slow.set(service, { ms, until: this.#kernel.now() + forMs })
  }
  arm(from: string, to: string, fault: CallFault): void {
    const key = `${from} ${to}`
    this.#armed.set(key, [...(this.#armed.get(key) ?? []), fault])
  }

  /** Removes all armed faults that have not struck. */
  disarm(): void {
    this.#armed.clear()
    for (const process of this.#processes.values()) process.clearFailpoints()
  }

  splitUntil(a: string, b: string): Instant | undefined {
    const now = this.#kernel.now()
    let latest: Instant | undefined
    for (const split of this.#splits) {
      if (split.until <= now || !((split.a === a && split.b === b) || (split.a === b && split.b === a))) continue
      latest = Math.max(latest ?? 0, split.until)
    }
    return latest
  }

  latency(from: string, to: string): DurationMs {
    const random = this.#chance.of(`latency ${from} ${to}`)
    return random() < 0.08 ? between(random, 10, 60) : between(random, 1, 4)
  }

  // --- calls ----------------------------------------------------------------------------------------------------
  /**
   * Calls `execute` on another process. Rejects with DEPENDENCY_DOWN when no response arrives in time; the call may still have been executed, or may be
   * executed later.
   */
  call<T>(from: Process, to: string, execute: () => Promise<T>, { what, deadlineMs, ordered, signal }: CallOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      from.reachAwait()
      if (from.dead) return
      const kernel = this.#kernel
      const target = this.process(to)
      const fault = this.#armed.get(`${from.name} ${to}`)?.shift()
      if (fault !== undefined) kernel.record(`${from.name} → ${to} ${what}: ${fault}`)
      let done = false
      const finish = (settle: () => void): void => {
        if (done) return
        done = true
        deadline.cancelled = true
        if (target !== undefined) this.#pending.get(target)?.delete(reset)
        from.reachAwait()
        if (!from.dead) settle()
      }
      const fail = (why: string): void => finish(() => reject(new StrataError('DEPENDENCY_DOWN', { what: `${to} (${what}: ${why})` })))
      const reset = (): void => void kernel.after(from, 2, () => fail('connection broke'))
      const deadline = kernel.after(from, deadlineMs, () => fail('no answer'))
      signal?.addEventListener('abort', () => finish(() => reject(signal.reason)), { once: true })
      if (target === undefined) return void kernel.after(from, REFUSED_AFTER_MS, () => fail('connection refused'))
      const pending = this.#pending.get(target) ?? new Set()
      this.#pending.set(target, pending.add(reset))

      const respond = (settle: () => void): void => {
        const arrives = this.#arrivalOf(to, from.name, `answer ${what}`)
        if (arrives === undefined || fault === 'answer lost') return
        kernel.at(from, arrives + (fault === 'answer late' ? LATE_MS : 0), () => finish(settle))
      }
      const runCall = (): void => {
        execute().then(
          (value) => respond(() => resolve(value)),
          (error: unknown) => respond(() => reject(error)),
        )
      }
      const requestArrives = this.#arrivalOf(from.name, to, what)
      if (requestArrives === undefined || fault === 'request lost') return
      let arrives = requestArrives + this.#extraDelay(to) + (fault === 'request late' ? LATE_MS : 0)
      if (ordered && fault === undefined) {
        const link = `${from.name} ${to}`
        arrives = Math.max(arrives, this.#arrivals.get(link) ?? 0)
        this.#arrivals.set(link, arrives)
      }
      kernel.at(target, arrives, runCall)
      if (fault === 'request twice') kernel.at(target, arrives + LATE_MS / 2, () => void execute().catch(() => undefined))
    })
  }

  /** `target` as it is reached over the network: each call of a method is a call to the process `to`. */
  remote<T extends object>(from: Process, to: string, target: T, options: Pick<CallOptions, 'deadlineMs' | 'ordered'>): T {
    const methodOf = (name: string | symbol): unknown => {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => this.call(from, to, async () => Reflect.apply(method, target, args), { what: String(name), ...options })
    }
    return new Proxy(target, { get: (_target, name) => methodOf(name) })
  }

  /** When a message sent now arrives; undefined when it is lost. During a split, some messages arrive after the split ends. */
  #arrivalOf(from: string, to: string, what: string): Instant | undefined {
    const arrives = this.#kernel.now() + this.latency(from, to)
    const splitEnds = this.splitUntil(from, to)
    if (splitEnds === undefined) return arrives
    const late = this.#chance.of(`crossing ${from} ${to}`)() < 0.4
    this.#kernel.record(`${from} → ${to} ${what}: ${late ? 'held up by the split' : 'lost in the split'}`)
    return late ? splitEnds + this.latency(from, to) : undefined
  }

  #extraDelay(service: string): DurationMs {
    const slow = this.#slow.get(service)
    if (slow === undefined || slow.until <= this.#kernel.now()) return 0
    return Math.floor(slow.ms * this.#chance.of(`slow ${service}`)())
  }

  // --- connections ----------------------------------------------------------------------------------------------
  connect(near: Process, far: Process): [ConnectionEnd, ConnectionEnd] {
    const connection = new Connection({ kernel: this.#kernel, latency: this, ends: [near, far], onEnd: () => this.#connections.delete(connection) })
    this.#connections.add(connection)
    const splitEnds = this.splitUntil(near.name, far.name)
    if (splitEnds !== undefined) connection.split(splitEnds, 1)
    return connection.ends
  }

  #died(process: Process): void {
    for (const reset of this.#pending.get(process) ?? []) reset()
    this.#pending.delete(process)
    for (const connection of [...this.#connections]) connection.died(process)
  }
}
