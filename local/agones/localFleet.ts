import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Instant } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import { backoffMs } from '../../model/retry/backoff.ts'
import type { FleetManifest } from '../../orchestrator/cluster/fleetManifest.ts'
import type { GameServerRecord } from './gameServerRecord.ts'
import { type LocalMachine, LocalServer } from './localServer.ts'

/** A server that ends within this time after its start, in ms, counts as a failed start. */
const SETTLED_AFTER_MS = 10_000
/** Lines of the log of a server that does not start, in the error. */
const SHOWN_LINES = 8
/** Pauses after failed starts, in ms. */
const restartTimes = { firstMs: 250, maxMs: 10_000 }
/** The letters of names that Kubernetes generates: without vowels, so that no words appear by accident. */
const nameLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** The replicas of one fleet on this machine. Keeps the desired number of processes running, as Agones' GameServerSet does. */
export class LocalFleet {
  readonly manifest: FleetManifest
  readonly #machine: LocalMachine
  readonly #servers = new Map<string, LocalServer>()
  readonly #stopping = new Set<string>()
  /** Servers that the fleet itself shut down: their end is not a failed start. */
  readonly #dismissed = new Set<string>()
  /** Servers that run older code. They do not count as replicas any more, and end when their last copy has moved away. */
  readonly #outdated = new WeakSet<GameServerRecord>()
  /** Replicas above the desired number, while new code starts beside the old. */
  #surge = 0
  #desired: number
  #starting = 0
  #failures = 0
  #notBefore: Instant = 0
  #closed = false

  constructor(manifest: FleetManifest, machine: LocalMachine) {
    this.manifest = manifest
    this.#machine = machine
    this.#desired = Math.min(manifest.replicas, manifest.maxReplicas)
  }

  get servers(): LocalServer[] {
    return [...this.#servers.values()]
  }
  get desired(): number {
    return this.#desired
  }

  scale(replicas: number): void {
    this.#desired = Math.min(Math.max(0, replicas), this.manifest.maxReplicas)
    this.converge()
  }

  /** Allocates the oldest Ready server. There is no `await` in here, so two callers never get the same server. */
  allocate(): GameServerRecord | undefined {
    const record = this.servers.map((server) => server.record).find(({ state, overflow }) => state === 'Ready' && !overflow)
    record?.to('Allocated', this.#machine.clock.now())
    return record
  }

  /** Returns an Allocated server to Ready. A server with the drain annotation is shut down instead and replaced if still needed. */
  giveBack(record: GameServerRecord): void {
    if (record.state !== 'Allocated') return
    if (record.overflow) this.#dismiss(record)
    else record.to('Ready', this.#machine.clock.now())
    this.converge()
  }

  /** Takes one step towards the desired state. Called often; does nothing when the fleet has that state. */
  converge(): void {
    if (this.#closed) return
    const now = this.#machine.clock.now()
    for (const server of this.servers) {
      if (!server.record.terminal && !server.checkHealth()) {
        this.#machine.log.warn({ server: server.record.name }, 'no health ping in time')
        server.record.to('Unhealthy', now)
      }
      if (server.record.terminal) this.#stop(server)
    }
    const alive = this.servers.map((server) => server.record).filter((record) => !record.terminal && !this.#outdated.has(record))
    const excess = alive.length + this.#starting - this.#desired - this.#surge
    if (excess > 0) this.#shrink(alive, excess)
    if (excess < 0 && now >= this.#notBefore) for (let i = 0; i < -excess; i++) void this.#start()
  }

  /**
   * Replaces all servers by servers with the code of now, as a rolling update of the Fleet does: one server starts beside the others, and when it is Ready, the
   * others are marked for draining. Returns its name. Throws SERVICE_NOT_STARTED when it ends first; then nothing else changes.
   */
  async renew(): Promise<string> {
    const old = this.servers.map(({ record }) => record)
    this.#surge = 1
    this.#notBefore = 0
    try {
      const server = await this.#start()
      if (server === undefined) throw new StrataError('SERVICE_NOT_STARTED', { what: this.manifest.name, problem: 'its process could not be started' })
      await Promise.race([server.ended, becameReady(server.record)])
      if (server.record.terminal) {
        throw new StrataError('SERVICE_NOT_STARTED', {
          what: server.record.name,
          problem: `it ended. ${server.logFile} says:\n${await lastWords(server.logFile)}`,
        })
      }
      for (const record of old.filter(({ terminal }) => !terminal)) {
        this.#outdated.add(record)
        if (record.state === 'Allocated') record.markOverflow()
        else this.#dismiss(record)
      }
      return server.record.name
    } finally {
      this.#surge = 0
      this.converge()
    }
  }

  /** Stops all servers. Resolves when their processes have ended. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    while (this.#starting > 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await Promise.all(
      this.servers.map((server) => {
        server.record.to('Shutdown', this.#machine.clock.now())
        return server.stop(Math.min(graceMs, this.manifest.terminationGraceMs))
      }),
    )
  }

  /** Removes servers that are not Ready yet, then the youngest Ready ones. Allocated servers are only marked; Reserved ones are left alone. */
  #shrink(alive: GameServerRecord[], excess: number): void {
    const youngestFirst = alive.toReversed()
    const removable = [...youngestFirst.filter(({ state }) => state === 'Creating'), ...youngestFirst.filter(({ state }) => state === 'Ready')]
    for (const record of removable.slice(0, excess)) this.#dismiss(record)
    const kept = youngestFirst.filter(({ state }) => state === 'Allocated').sort((a, b) => roomsUsed(a) - roomsUsed(b))
    const marked = kept.filter(({ overflow }) => overflow).length
    for (const record of kept.filter(({ overflow }) => !overflow).slice(0, Math.max(0, kept.length - this.#desired - marked))) record.markOverflow()
  }

  #dismiss(record: GameServerRecord): void {
    this.#dismissed.add(record.name)
    record.to('Shutdown', this.#machine.clock.now())
  }

  async #start(): Promise<LocalServer | undefined> {
    const name = `${this.manifest.name}-${letters(5)}-${letters(5)}`
    this.#starting++
    try {
      const server = await LocalServer.start(this.manifest, name, this.#machine)
      this.#servers.set(name, server)
      server.record.watch(() => setImmediate(() => this.converge()))
      void server.ended.then(() => this.#ended(server))
      this.#machine.log.info({ server: name, pid: server.pid, address: server.record.address }, 'server started')
      return server
    } catch (error) {
      this.#failed()
      this.#machine.log.error({ err: error, fleet: this.manifest.name }, 'could not start a server')
      return undefined
    } finally {
      this.#starting--
    }
  }

  #stop(server: LocalServer): void {
    const { name } = server.record
    if (this.#stopping.has(name)) return
    this.#stopping.add(name)
    void server.stop(this.manifest.terminationGraceMs)
  }

  #ended(server: LocalServer): void {
    this.#servers.delete(server.record.name)
    this.#stopping.delete(server.record.name)
    const young = this.#machine.clock.now() - server.started < SETTLED_AFTER_MS
    if (young && !this.#dismissed.delete(server.record.name)) {
      this.#failed()
      this.#machine.log.warn(
        { server: server.record.name, logFile: server.logFile, retryMs: this.#notBefore - this.#machine.clock.now() },
        'a server ended soon after its start; its log says why',
      )
    } else if (!young) {
      this.#failures = 0
    }
    this.converge()
  }

  #failed(): void {
    this.#notBefore = this.#machine.clock.now() + backoffMs(restartTimes, ++this.#failures)
  }
}

/** What Node printed about an error, which it prints before the stack; without it the last lines of the log. */
async function lastWords(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n')
  const printed = lines.filter((line) => line !== '' && !line.startsWith('{'))
  return (printed.length > 0 ? printed.slice(0, SHOWN_LINES) : lines.slice(-SHOWN_LINES)).join('\n')
}

/** Resolves when the server is Ready, was allocated or has ended. */
function becameReady(record: GameServerRecord): Promise<void> {
  return new Promise((resolve) => {
    const stop = record.watch(({ state }) => {
      if (state === 'Creating') return
      stop()
      resolve()
    })
  })
}

function roomsUsed(record: GameServerRecord): number {
  return record.view().counters['rooms']?.count ?? 0
}

function letters(count: number): string {
  return Array.from({ length: count }, () => nameLetters[randomInt(nameLetters.length)]).join('')
}
