import type { DurationMs, Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import { between, type Chance } from './chance.ts'
import type { Kernel } from './kernel.ts'
import { Process } from './process.ts'
import { Wire, type WireEnd } from './wire.ts'

/** What befalls one call: its request or its answer is lost, comes late, or the request comes twice. */
export type CallFault = 'request lost' | 'answer lost' | 'request late' | 'request twice' | 'answer late'

export interface CallOptions {
  what: string
  deadlineMs: DurationMs
  /** One connection carries all calls to this service, in order; else there is a pool of them. */
  ordered: boolean
  /** Given up by the caller. */
  signal?: AbortSignal | undefined
}

const REFUSED_AFTER_MS = 15
const LATE_MS = 3_500

/** Everything that leaves a process goes through here: calls that are answered, and connections that stay. */
export class Network {
  readonly #kernel: Kernel
  readonly #chance: Chance
  readonly #processes = new Map<string, Process>()
  readonly #splits: { a: string; b: string; until: Instant }[] = []
  readonly #slow = new Map<string, { ms: DurationMs; until: Instant }>()
  readonly #arrivals = new Map<string, Instant>()
  readonly #pending = new Map<Process, Set<() => void>>()
  readonly #wires = new Set<Wire>()
  /** Faults that wait for the next call of a process to a service: `from to`. */
  readonly #armed = new Map<string, CallFault[]>()

  constructor(kernel: Kernel, chance: Chance) {
    this.#kernel = kernel
    this.#chance = chance
  }

  /** A new incarnation under this name. */
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
    for (const wire of this.#wires) if (wire.between(a, b)) wire.split(until, this.#chance.of(`split ${wire.name}`)())
  }
  slow(service: string, ms: DurationMs, forMs: DurationMs): void {
    this.#slow.set(service, { ms, until: this.#kernel.now() + forMs })
  }
  arm(from: string, to: string, fault: CallFault): void {
    const key = `${from} ${to}`
    this.#armed.set(key, [...(this.#armed.get(key) ?? []), fault])
  }

  /** What has not struck yet does not strike any more. */
  disarm(): void {
    this.#armed.clear()
    for (const process of this.#processes.values()) process.disarm()
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
  /** Rejects with DEPENDENCY_DOWN when no answer comes; the request may have been carried out all the same, even later. */
  call<T>(from: Process, to: string, execute: () => Promise<T>, { what, deadlineMs, ordered, signal }: CallOptions): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      from.reachAwait()
      if (from.dead) return
      const kernel = this.#kernel
      const target = this.process(to)
      const fault = this.#armed.get(`${from.name} ${to}`)?.shift()
      if (fault !== undefined) kernel.tell(`${from.name} → ${to} ${what}: ${fault}`)
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

      const answer = (settle: () => void): void => {
        const leaves = this.#crossing(to, from.name, `answer ${what}`)
        if (leaves === undefined || fault === 'answer lost') return
        kernel.at(from, leaves + (fault === 'answer late' ? LATE_MS : 0), () => finish(settle))
      }
      const carryOut = (): void => {
        execute().then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        )
      }
      const leaves = this.#crossing(from.name, to, what)
      if (leaves === undefined || fault === 'request lost') return
      let arrives = leaves + this.#slowness(to) + (fault === 'request late' ? LATE_MS : 0)
      if (ordered && fault === undefined) {
        const link = `${from.name} ${to}`
        arrives = Math.max(arrives, this.#arrivals.get(link) ?? 0)
        this.#arrivals.set(link, arrives)
      }
      kernel.at(target, arrives, carryOut)
      if (fault === 'request twice') kernel.at(target, arrives + LATE_MS / 2, () => void execute().catch(() => undefined))
    })
  }

  /** When what is sent now arrives; undefined when it is lost. What was under way when a line broke may come when it is whole again. */
  #crossing(from: string, to: string, what: string): Instant | undefined {
    const arrives = this.#kernel.now() + this.latency(from, to)
    const whole = this.splitUntil(from, to)
    if (whole === undefined) return arrives
    const late = this.#chance.of(`crossing ${from} ${to}`)() < 0.4
    this.#kernel.tell(`${from} → ${to} ${what}: ${late ? 'held up by the split' : 'lost in the split'}`)
    return late ? whole + this.latency(from, to) : undefined
  }

  #slowness(service: string): DurationMs {
    const slow = this.#slow.get(service)
    if (slow === undefined || slow.until <= this.#kernel.now()) return 0
    return Math.floor(slow.ms * this.#chance.of(`slow ${service}`)())
  }

  // --- connections ----------------------------------------------------------------------------------------------
  connect(near: Process, far: Process): [WireEnd, WireEnd] {
    const wire = new Wire(this.#kernel, this, near, far, () => this.#wires.delete(wire))
    this.#wires.add(wire)
    const whole = this.splitUntil(near.name, far.name)
    if (whole !== undefined) wire.split(whole, 1)
    return wire.ends
  }

  #died(process: Process): void {
    for (const reset of this.#pending.get(process) ?? []) reset()
    this.#pending.delete(process)
    for (const wire of [...this.#wires]) wire.died(process)
  }
}
