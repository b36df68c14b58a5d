import type { Clock, DurationMs, Instant } from '../../../model/clock.ts'
import { Agenda } from '../../population/agenda.ts'
import { Process } from './process.ts'

/** Taken before anything is replaced: after a step, all that it woke has run when this comes. */
const afterMicrotasks = setImmediate

export interface Handle {
  cancelled: boolean
}

interface Due extends Handle {
  owner: Process
  run(): void
  /** Its place among all that came, from when it was due first. */
  place: number
  /** It waited for its process, which is awake now. */
  waited: boolean
}

/** What is checked after each step; it gets who made the step. */
export type Watch = (owner: Process) => void

/** A broken rule ends a run. */
export class Broken extends Error {
  readonly rule: string
  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`)
    this.rule = rule
  }
}

/**
 * Virtual time, and what is due in it. Each step belongs to one process, and runs to its next waits before the next
 * step begins: so whatever starts a timer or a call is known, and the same seed gives the same steps.
 */
export class Kernel implements Clock {
  readonly #agenda = new Agenda<{ at: Instant; due: Due }>()
  readonly #watches: Watch[] = []
  #came = 0
  readonly #backlogs = new Map<Process, Due[]>()
  readonly world = new Process('world')
  /** Who is running. */
  current = this.world
  #now: Instant
  readonly #start: Instant
  steps = 0
  /** What happened, for people: filled while `telling`. */
  readonly history: string[] = []
  /** How often things happened: what never happens proves nothing. */
  readonly counts = new Map<string, number>()
  broken: Broken | undefined

  constructor(start: Instant) {
    this.#now = start
    this.#start = start
  }

  /** The clock of a process, which need not be right. */
  clockOf(process: Process): Clock {
    return { now: () => this.#now + process.aheadMs }
  }

  now(): Instant {
    return this.#now
  }
  /** Since the beginning of the run. */
  get elapsed(): DurationMs {
    return this.#now - this.#start
  }

  at(owner: Process, when: Instant, run: () => void): Handle {
    const due: Due = { owner, run, cancelled: false, place: 0, waited: false }
    this.#agenda.add(when, { at: Math.max(when, this.#now), due })
    return due
  }
  after(owner: Process, ms: DurationMs, run: () => void): Handle {
    return this.at(owner, this.#now + ms, run)
  }

  watch(watch: Watch): void {
    this.#watches.push(watch)
  }

  tell(line: string): void {
    this.history.push(`${(this.elapsed / 1000).toFixed(3).padStart(8)} ${line}`)
  }

  count(what: string, times = 1): void {
    if (times > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + times)
  }

  break(rule: string, message: string): void {
    if (this.broken !== undefined) return
    this.broken = new Broken(rule, message)
    this.tell(`BROKEN ${this.broken.message}`)
  }

  /** Runs what is due until then, or until a rule is broken. */
  async runUntil(end: Instant): Promise<void> {
    while (this.broken === undefined && this.#agenda.next <= end) {
      const next = this.#agenda.take()
      if (next !== undefined && !next.due.cancelled && !next.due.owner.dead) await this.#step(next.due, next.at)
    }
    this.#now = Math.max(this.#now, end)
  }

  async #step(due: Due, at: Instant): Promise<void> {
    const { owner } = due
    this.#now = Math.max(this.#now, at)
    if (due.place === 0) due.place = ++this.#came
    if (owner.stalledUntil > this.#now || (this.#backlogs.has(owner) && !due.waited)) return this.#waitFor(owner, due)
    this.steps++
    this.current = owner
    try {
      due.run()
    } catch (error) {
      this.break('X1', `${owner.name} threw out of a timer or a listener: ${error instanceof Error ? error.stack : String(error)}`)
    }
    await new Promise<void>((resolve) => afterMicrotasks(resolve))
    for (const watch of this.#watches) watch(owner)
    this.current = this.world
  }

  /** A stopped process finds all that came meanwhile when it wakes, in the order in which it came, before anything newer. */
  #waitFor(owner: Process, due: Due): void {
    const backlog = this.#backlogs.get(owner)
    if (backlog !== undefined) return void backlog.push(due)
    this.#backlogs.set(owner, [due])
    this.#wakeAt(owner)
  }
  #wakeAt(owner: Process): void {
    this.at(this.world, owner.stalledUntil, () => {
      if (owner.stalledUntil > this.#now) return this.#wakeAt(owner)
      const backlog = this.#backlogs.get(owner) ?? []
      this.#backlogs.delete(owner)
      if (backlog.length === 0) return
      this.#backlogs.set(owner, [])
      for (const due of backlog.sort((a, b) => a.place - b.place)) this.#agenda.add(this.#now, { at: this.#now, due: Object.assign(due, { waited: true }) })
      this.#wakeAt(owner)
    })
  }
}
