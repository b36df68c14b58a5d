import type { Directory } from '../../../directory/directory.ts'
import type { MemoryDirectory } from '../../../directory/memory.ts'
import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, CopyId, MapName, MoveId, PartyId } from '../../../model/ids.ts'
import type { LineEntry } from '../../../model/line.ts'
import type { MoveOrder, MoveOutcome } from '../../../model/move.ts'
import type { Policies } from '../../../model/policy/policy.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { MemoryStore } from '../standins/memoryStore.ts'

export interface DirectoryRulesParts {
  kernel: Kernel
  memory: MemoryDirectory
  store: MemoryStore
  policies: Policies
  /** Called for each new move order. */
  onOrder: (order: MoveOrder) => void
}

/** Checks the rules about seats, lines and move orders after each change to them. */
export class DirectoryRules {
  readonly #kernel: Kernel
  readonly #memory: MemoryDirectory
  readonly #store: MemoryStore
  readonly #policies: Policies
  /** The places in line that must exist. A place ends by promotion, leaving, expiry, or loss of all data. */
  readonly #line = new Map<string, LineEntry>()
  readonly orders = new Map<MoveId, MoveOrder>()
  readonly orderedAt = new Map<MoveId, Instant>()
  readonly settled = new Set<MoveId>()
  readonly #hard = new Map<MapName, number>()

  /** The party in the seat of each character, and since when the seat says so. */
  readonly #parties = new Map<CharacterId, { party: PartyId | undefined; since: Instant }>()

  readonly #onOrder: (order: MoveOrder) => void

  constructor({ kernel, memory, store, policies, onOrder }: DirectoryRulesParts) {
    this.#kernel = kernel
    this.#memory = memory
    this.#store = store
    this.#policies = policies
    this.#onOrder = onOrder
    memory.onEvent((event) => {
      if (event.type === 'seats') for (const { character, party } of event.set) this.#noteParty(character, party)
    })
  }

  /** Wraps the directory `inner` so that each call is checked. */
  checked(inner: MemoryDirectory): Directory {
    const after: { [Name in keyof Directory]?: (args: never[], result: unknown) => void } = {
      holdSeats: () => this.#caps(),
      restoreCopy: () => this.#caps(),
      joinLine: ([entry]: LineEntry[], result: unknown) => {
        if (entry !== undefined && result === true) this.#renewed(entry.map, entry.id)
        this.#places()
      },
      renewLine: ([map, id]: string[], result: unknown) => {
        if (map !== undefined && id !== undefined && result === true) this.#renewed(map, id)
        this.#places()
      },
      leaveLine: ([map, id]: string[]) => {
        this.#line.delete(`${map} ${id}`)
        this.#places()
      },
      linePosition: ([, , now]: [string, string, Instant] | never[]) => this.#places(now),
      lineHead: ([, , now]: [string, number, Instant] | never[]) => this.#places(now),
      orderMove: ([order]: MoveOrder[]) => this.#ordered(order),
      settleMove: ([, outcome]: [string, MoveOutcome] | never[]) => this.#settled(outcome),
    } as never // each function matches the arguments of the method of the same name
    const rules = this
    return new Proxy(inner as Directory, {
      get(_target, name) {
        const value: unknown = Reflect.get(inner, name)
        if (typeof value !== 'function') return value
        if (name === 'promote') return (...args: Parameters<Directory['promote']>) => rules.#promote(inner, args)
        const check: unknown = Reflect.get(after, name)
        if (typeof check !== 'function') return value.bind(inner)
        return async (...args: unknown[]) => {
          const result: unknown = await Reflect.apply(value, inner, args)
          check(args, result)
          return result
        }
      },
    })
  }

  /** The directory was emptied by a fault: all places and orders are gone, which breaks no rule. */
  directoryEmptied(): void {
    this.#line.clear()
    this.orders.clear()
    this.orderedAt.clear()
  }

  /** S3: held + taken seats never exceed the hard cap. */
  #caps(): void {
    for (const [map, { capacity }] of this.#policies) {
      // After a policy change, seats under the old cap remain.
      const hard = Math.max(capacity.hard, this.#hard.get(map) ?? 0)
      this.#hard.set(map, hard)
      const counts = new Map<CopyId, number>()
      for (const { copy } of this.#memory.ledger(map).snapshot().seats) counts.set(copy, (counts.get(copy) ?? 0) + 1)
      for (const [copy, count] of counts) if (count > hard) this.#kernel.ruleBroken('S3', `${count} seats in ${copy}, and ${hard} are the hard cap`)
    }
  }

  /** Q1: no entry is promoted before an earlier one, unless the earlier one waits for another copy. Each promotion holds seats. */
  async #promote(inner: MemoryDirectory, args: Parameters<Directory['promote']>): Promise<CopyId | undefined> {
    const [entry, request, passing = []] = args
    const { line } = this.#memory.ledger(entry.map)
    const before = line.head(line.length).filter(({ keepUntil }) => keepUntil > request.now)
    const copy = await inner.promote(...args)
    if (copy !== undefined) {
      this.#kernel.record(`directory: ${entry.id} is promoted to ${copy}`)
      this.#kernel.count('promotions')
      this.#line.delete(`${entry.map} ${entry.id}`)
      const place = before.findIndex(({ id }) => id === entry.id)
      const passed = before.slice(0, place).filter(({ id }) => !passing.includes(id))
      const earlier = passed.find(({ rank, arrived }) => rank < entry.rank || (rank === entry.rank && arrived < entry.arrived))
      if (earlier !== undefined)
        this.#kernel.ruleBroken('Q1', `${entry.id} was promoted before ${earlier.id}, who came ${entry.arrived - earlier.arrived} ms earlier`)
      const { seats: all } = this.#memory.ledger(entry.map).snapshot()
      const seats = all.filter((one) => one.copy === copy)
      const missing = request.holders.find(({ character }) => !seats.some(({ seat }) => seat.character === character))
      if (missing !== undefined) this.#kernel.ruleBroken('Q1', `${entry.id} was promoted to ${copy}, where ${missing.character} has no seat`)
      this.#caps()
    }
    this.#places(request.now)
    return copy
  }

  #renewed(map: MapName, id: string): void {
    const entry = this.#memory.ledger(map).line.get(id)
    if (entry === undefined) return this.#kernel.ruleBroken('Q2', `the place ${id} was confirmed, and is not there`)
    const grace = this.#policies.get(map)?.queue.graceMs ?? 0
    const before = this.#line.get(`${map} ${id}`)
    if (before !== undefined && before.arrived !== entry.arrived)
      this.#kernel.ruleBroken('Q1', `the place ${id} came ${entry.arrived - before.arrived} ms later than before`)
    // A renewal extends the place by at most the grace time; delayed renewals extend it by less.
    if (entry.keepUntil > this.#kernel.now() + grace + CLOCK_ERROR_MS) this.#kernel.ruleBroken('Q2', `the place ${id} is kept longer than its grace`)
    this.#line.set(`${map} ${id}`, { ...entry })
  }

  /** Q2: a place in line exists until its grace time is over. */
  #places(now = this.#kernel.now()): void {
    for (const [key, { map, id, keepUntil }] of this.#line) {
      if (keepUntil <= now) this.#line.delete(key)
      else if (this.#memory.ledger(map).line.get(id) === undefined)
        this.#kernel.ruleBroken('Q2', `the place of ${id} is gone ${keepUntil - now} ms before its time`)
    }
  }

  /** P1: an order by the orchestrator moves all seated members of a party, except out of a copy that has to end while no copy has room for all of them. */
  #ordered(order: MoveOrder | undefined): void {
    if (order === undefined) return
    this.orders.set(order.id, order)
    this.orderedAt.set(order.id, this.#kernel.now())
    const { from, to, cause, members } = order
    this.#kernel.record(
      `directory: move ${order.id} (${cause}) ordered: ${members.map(({ character }) => character).join(', ')} from ${from.copy} to ${to.copy}`,
    )
    this.#onOrder(order)
    if (cause === 'travel' || cause === 'border') return
    const moving = new Set<CharacterId>(members.map(({ character }) => character))
    const snapshot = this.#memory.ledger(from.map).snapshot()
    const seats = snapshot.seats.filter(({ copy }) => copy === from.copy)
    const parties = new Set(seats.flatMap(({ seat }) => (moving.has(seat.character) && seat.party !== undefined ? [seat.party] : [])))
    const left = seats.find(
      ({ seat }) =>
        seat.party !== undefined && parties.has(seat.party) && !moving.has(seat.character) && this.#settledIn(seat) && this.#formedBefore(seat.party),
    )
    const party = left?.seat.party
    if (left === undefined || (cause === 'drain' && this.#kernel.now() >= order.deadline && !this.#fitsSomewhere(from, party))) return
    this.#kernel.ruleBroken('P1', `move ${order.id} (${cause}) leaves ${left.seat.character} of party ${left.seat.party} behind in ${from.copy}`)
  }

  /** Whether one open copy has room for all members of the party who are in the closing copy. Seats that this party holds already do not count against it. */
  #fitsSomewhere({ map, copy }: MoveOrder['from'], party: PartyId | undefined): boolean {
    const { copies, seats } = this.#memory.ledger(map).snapshot()
    const members = seats.filter((one) => one.copy === copy && one.seat.party === party).length
    const hard = this.#policies.get(map)?.capacity.hard ?? 0
    const others = (id: CopyId) => seats.filter((one) => one.copy === id && !(one.seat.state === 'held' && one.seat.party === party)).length
    return copies.some(({ id, state }) => state === 'open' && others(id) + members <= hard)
  }

  #noteParty(character: CharacterId, party: PartyId | undefined): void {
    const known = this.#parties.get(character)
    if (known === undefined || known.party !== party) this.#parties.set(character, { party, since: this.#kernel.now() })
  }

  /** Whether the seats of this party have said so for long enough that the order should include everybody. */
  #formedBefore(party: PartyId | undefined): boolean {
    const since = [...this.#parties.values()].flatMap((known) => (known.party === party ? [known.since] : []))
    return this.#kernel.now() - Math.max(0, ...since) > ORDER_DELAY_MS
  }

  /** Whether the seat was taken long enough ago for the order to include it. */
  #settledIn(seat: { state: string; since?: Instant }): boolean {
    return seat.state === 'taken' && this.#kernel.now() - (seat.since ?? 0) > ORDER_DELAY_MS
  }

  /** M2: a failed move released nobody. When a server is lost, this is unknown, and its players enter again. */
  #settled(outcome: MoveOutcome | undefined): void {
    if (outcome === undefined) return
    const { id, state, reason = '' } = outcome
    this.#kernel.record(`directory: move ${id} settled: ${state} ${reason}`)
    this.settled.add(id)
    this.#kernel.count(`moves ${state}`)
    if (state !== 'failed' || reason === SERVER_LOST) return
    for (const { character, moving } of this.#store.claims.rows.values()) {
      if (moving === id) this.#kernel.ruleBroken('M2', `move ${id} failed (${reason}), and ${character} is released for it`)
    }
  }
}

/** The reason that `orchestrator/reconcile/apply/loseCopy.ts` gives. */
const SERVER_LOST = 'the server was lost'

/** Largest clock error of matchmakers and orchestrators, in ms (`ordinaryEvents.ts`). */
const CLOCK_ERROR_MS = 1_500

/** Longest time between the census that an order is based on and its arrival in the mailbox, in ms: replication delay, a repeated call, a slow directory. */
const ORDER_DELAY_MS = 6_000
