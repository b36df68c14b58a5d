import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Agenda } from './agenda.ts'
import { Sightings } from './sightings.ts'
import type { CompanyReport, CompanyWord, Orders } from './troopTalk.ts'

/** Players' machines are many. A process of many bots needs more than its share of a busy machine, sees each of its messages late, and would report its own waiting. */
const BOTS_PER_PROCESS = 100
const PROCESSES_MAX = 4

interface Company {
  child: ChildProcess
  agendas: Agenda[]
  online: number
}

/** All bots of a run, over several processes; those of one party in the same one. */
export class Troop implements AsyncDisposable {
  readonly #companies: Company[]
  readonly #sightings = new Sightings()
  /** What all have seen, when the last has left. Rejects when one of the processes died. */
  readonly ended: Promise<Sightings>

  private constructor(companies: Company[]) {
    this.#companies = companies
    this.ended = Promise.all(companies.map((company) => this.#follow(company))).then(() => this.#sightings)
    this.ended.catch(() => undefined)
  }

  /** Starts the processes; they wait for `start`. */
  static async muster(agendas: readonly Agenda[], processes = Math.min(PROCESSES_MAX, Math.ceil(agendas.length / BOTS_PER_PROCESS))): Promise<Troop> {
    const companies = Array.from({ length: Math.max(1, processes) }, (): Company => {
      // Without a global WebSocket the SDK takes `ws`, which costs less than Node's own. In a group of its own: Ctrl-C is told by us.
      const child = fork(fileURLToPath(new URL('company.ts', import.meta.url)), { execArgv: ['--no-experimental-websocket'], detached: true })
      return { child, agendas: [], online: 0 }
    })
    const turns = new Map<string, Company>()
    for (const [index, agenda] of agendas.entries()) {
      const company = turns.get(agenda.party ?? '') ?? companies[index % companies.length]
      if (agenda.party !== undefined && company !== undefined) turns.set(agenda.party, company)
      company?.agendas.push(agenda)
    }
    const troop = new Troop(companies)
    await Promise.race([Promise.all(companies.map(({ child }) => new Promise((ready) => child.once('message', ready)))), troop.ended])
    return troop
  }

  get online(): number {
    return this.#companies.reduce((sum, { online }) => sum + online, 0)
  }

  start(orders: Omit<Orders, 'agendas'>): void {
    for (const [index, { child, agendas }] of this.#companies.entries()) {
      child.send({ ...orders, seed: orders.seed + index, agendas } satisfies CompanyWord)
    }
  }

  /** All log out. */
  stop(): void {
    for (const { child } of this.#companies) if (child.connected) child.send('stop' satisfies CompanyWord)
  }

  /** Until the process is gone: whoever ends after this one leaves nobody behind. */
  #follow(company: Company): Promise<void> {
    const { child } = company
    let saw = false
    return new Promise((resolve, reject) => {
      child.on('message', (report: CompanyReport) => {
        if ('online' in report) company.online = report.online
        if (!('saw' in report)) return
        saw = true
        company.online = 0
        this.#sightings.add(report.saw)
        child.disconnect()
      })
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        if (saw) resolve()
        else reject(new Error(`a process of bots ended before its time (${signal ?? `code ${code}`})`))
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#companies) if (child.connected) child.disconnect()
  }
}
