import type { Clock, DurationMs, Instant } from '../../../model/clock.ts'
import { EventQueue } from '../../eventQueue.ts'
import { Process } from './process.ts'

/** The real setImmediate, taken before the globals are replaced. Its callback runs after all microtasks of a step. */
const afterMicrotasks = setImmediate

export interface Handle {
  cancelled: boolean
}

interface Task extends Handle {
  owner: Process
  run(): void
  /** Position in the order in which tasks first fell due; 0 before that. */
  arrival: number
  /** Whether it was queued while its process was paused, and has been released. */
  released: boolean
}

/** A check that runs after each step; it gets the process that made the step. */
export type StepCheck = (owner: Process) => void

/** A broken rule. It ends the run. */
export class Broken extends Error {
  readonly rule: string
  constructor(rule: string, message: string) {
    super(`${rule}: ${message}`)
    this.rule = rule
  }
}

/**
 * The scheduler of a run: virtual time and a queue of tasks. Each step belongs to one process and runs until all its microtasks are done before the next step
 * begins. So the kernel knows which process starts a timer or a call, and the same seed gives the same steps.
 */
export class Kernel implements Clock {
  readonly #queue = new EventQueue<{ at: Instant; task: Task }>()
  readonly #checks: StepCheck[] = []
  #arrivals = 0
  readonly #backlogs = new Map<Process, Task[]>()
  readonly world = new Process('world')
  /** The process whose step runs. */
  current = this.world
  #now: Instant
  readonly #start: Instant
  steps = 0
  /** What happened, one line per event, for people. */
  readonly history: string[] = []
  /** How often each kind of event happened. A kind that never happens is not tested. */
  readonly counts = new Map<string, number>()
  broken: Broken | undefined

  constructor(start: Instant) {
    this.#now = start
    this.#start = start
  }

  /** The clock of a process. It may be wrong (`clockAheadMs`). */
  clockOf(process: Process): Clock {
    return { now: () => this.#now + process.clockAheadMs }
  }

  now(): Instant {
    return this.#now
  }
  /** Virtual time since the start of the run, in ms. */
  get elapsed(): DurationMs {
    return this.#now - this.#start
  }

  at(owner: Process, when: Instant, run: () => void): Handle {
    const task: Task = { owner, run, cancelled: false, arrival: 0, released: false }
    this.#queue.add(when, { at: Math.max(when, this.#now), task })
    return task
  }
  after(owner: Process, ms: DurationMs, run: () => void): Handle {
    return this.at(owner, this.#now + ms, run)
  }

  afterEachStep(check: StepCheck): void {
    this.#checks.push(check)
  }

  record(line: string): void {
    this.history.push(`${(this.elapsed / 1000).toFixed(3).padStart(8)} ${line}`)
  }

  count(what: string, times = 1): void {
    if (times > 0) this.counts.set(what, (this.counts.get(what) ?? 0) + times)
  }

  ruleBroken(rule: string, message: string): void {
    if (this.broken !== undefined) return
    this.broken = new Broken(rule, message)
    this.record(`BROKEN ${this.broken.message}`)
  }

  /** Runs all tasks that fall due until `end`, or until a rule is broken. */
  async runUntil(end: Instant): Promise<void> {
    while (this.broken === undefined && this.#queue.nextAt <= end) {
      const next = this.#queue.take()
      if (next !== undefined && !next.task.cancelled && !next.task.owner.dead) await this.#step(next.task, next.at)
    }
    this.#now = Math.max(this.#now, end)
  }

  async #step(task: Task, at: Instant): Promise<void> {
    const { owner } = task
    this.#now = Math.max(this.#now, at)
    if (task.arrival === 0) task.arrival = ++this.#arrivals
    if (owner.stalledUntil > this.#now || (this.#backlogs.has(owner) && !task.released)) return this.#holdBack(owner, task)
    this.steps++
    this.current = owner
    try {
      task.run()
    } catch (error) {
      this.ruleBroken('X1', `${owner.name} did not catch an error in a timer or a listener: ${error instanceof Error ? error.stack : String(error)}`)
    }
    await new Promise<void>((resolve) => afterMicrotasks(resolve))
    for (const check of this.#checks) check(owner)
    this.current = this.world
  }

  /** Queues a task of a paused process. When the process resumes, it runs the queued tasks in the order of their arrival, before newer ones. */
  #holdBack(owner: Process, task: Task): void {
    const backlog = this.#backlogs.get(owner)
    if (backlog !== undefined) return void backlog.push(task)
    this.#backlogs.set(owner, [task])
    this.#resumeAt(owner)
  }
  #resumeAt(owner: Process): void {
    this.at(this.world, owner.stalledUntil, () => {
      if (owner.stalledUntil > this.#now) return this.#resumeAt(owner)
      const backlog = this.#backlogs.get(owner) ?? []
      this.#backlogs.delete(owner)
      if (backlog.length === 0) return
      this.#backlogs.set(owner, [])
      for (const task of backlog.sort((a, b) => a.arrival - b.arrival))
        this.#queue.add(this.#now, { at: this.#now, task: Object.assign(task, { released: true }) })
      this.#resumeAt(owner)
    })
  }
}
