import type { Client } from '@colyseus/core'
import { z } from 'zod'
import type { Admission } from '../../../gameserver/zone/connection/admission.ts'
import { type Appearance, type Body, ZoneRoom } from '../../../gameserver/zone/zoneRoom.ts'
import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, Epoch, MapName } from '../../../model/ids.ts'
import type { Goods } from '../standins/economy.ts'
import type { SimClient } from './simClient.ts'

/** Numbers of the applied inputs, in order. Each must occur once, whatever happens. */
export interface SimState {
  applied: number[]
}
interface Find {
  n: number
  at: Instant
}
export interface SimInput {
  n: number
}
const input = z.strictObject({ n: z.int() })
const giveMessage = z.strictObject({ to: z.string() })
const fightMessage = z.strictObject({ ms: z.int() })
const walkMessage = z.strictObject({ to: z.string(), ms: z.int(), crossesAfterMs: z.int() })

/** Colyseus' CloseCode.CONSENTED and CloseCode.WITH_ERROR. */
const CONSENTED = 4000
const WITH_ERROR = 4002
/** At every fifth input the character finds something that is saved at once. */
const FIND_EVERY = 5
/** Pause, in ms, before a failed call to the economy is repeated. */
const RETRY_MS = 300

type Receive = (client: Client, type: string | number, message: unknown) => void

/**
 * The production room with a small game and without Colyseus. The methods below do what Colyseus does between the socket and the hooks, in the same order
 * (Room.ts: `_onJoin`, `_onLeave`, `disconnect`, the fixed timestep).
 */
export class SimZone extends ZoneRoom<SimState, SimInput> {
  override readonly tickRate = 4
  override readonly showEvery = 4
  /** Short, so that a scenario has many saves: a character is due in every batch. */
  override readonly saveEveryMs = 5_000
  readonly stateVersion = 1
  readonly inputSchema = input
  readonly economy: Goods
  readonly #clients = new Set<SimClient>()
  /** Clients whose join is not complete. If one disconnects meanwhile, it leaves after the join has completed. */
  readonly #joining = new Set<SimClient>()
  readonly #bags = new Map<Body<SimState>, Set<string>>()
  readonly #inCombatUntil = new Map<Body<SimState>, number>()
  readonly #walks = new Map<Body<SimState>, { to: MapName; until: number; crossesAt: number }>()
  readonly #finds = new WeakMap<Body<SimState>, readonly Find[]>()
  #receive: Receive = () => {}
  #loop: NodeJS.Timeout | undefined
  #disposing: Promise<void> | undefined
  #gifts = 0

  readonly #lateMs: () => number

  /** `lateMs`: by how much each step is late now, as on a machine that is short of CPU. */
  constructor(economy: Goods, lateMs: () => number) {
    super()
    this.economy = economy
    this.#lateMs = lateMs
  }

  // --- the game ---------------------------------------------------------------------------------------------------
  override setUp(): void {
    this.handle('give', giveMessage, (body, { to }) => void this.#give(body, to))
    this.handle('fight', fightMessage, (body, { ms }) => void this.#inCombatUntil.set(body, this.now + ms))
    this.handle('stroll', walkMessage, (body, { to, ms, crossesAfterMs }) => {
      if (to !== this.map) this.#walks.set(body, { to, until: this.now + ms, crossesAt: this.now + crossesAfterMs })
    })
  }
  fresh(): SimState {
    return { applied: [] }
  }
  spawn(): Appearance {
    return { kind: 1, x: 0, y: 0, heading: 0, flags: 0 }
  }
  override save({ state }: Body<SimState>): SimState {
    return { applied: [...state.applied] }
  }
  applyInput(body: Body<SimState>, { n }: SimInput): void {
    body.state.applied.push(n)
    if (n % FIND_EVERY !== 0) return
    this.#finds.set(body, [...this.finds(body), { n, at: this.now }])
    this.saveSoon(body)
  }
  step(): void {}
  override canMove(body: Body<SimState>): boolean {
    return (this.#inCombatUntil.get(body) ?? 0) <= this.now
  }
  override nearBorder(body: Body<SimState>): MapName | undefined {
    const walk = this.#walks.get(body)
    return walk !== undefined && this.now < walk.until ? walk.to : undefined
  }
  override crossed(body: Body<SimState>, to: MapName): boolean {
    const walk = this.#walks.get(body)
    return walk?.to === to && walk.crossesAt < walk.until && this.now >= walk.crossesAt
  }
  override entered(body: Body<SimState>): void {
    void this.#fillBag(body)
  }

  /** The inputs by which the character found something that is saved at once, and when they were applied here. */
  finds(body: Body<SimState>): readonly Find[] {
    return this.#finds.get(body) ?? []
  }

  /** The items in the bag of a body that is live here. */
  bag(body: Body<SimState>): ReadonlySet<string> {
    return this.#bags.get(body) ?? new Set()
  }

  async #fillBag(body: Body<SimState>): Promise<void> {
    const items = await this.#retryUntilDone(() => this.economy.itemsOf(body.holder.character))
    const bag = this.#bagOf(body)
    for (const item of items ?? []) bag.add(item)
  }

  #bagOf(body: Body<SimState>): Set<string> {
    const bag = this.#bags.get(body) ?? new Set()
    this.#bags.set(body, bag)
    return bag
  }

  /** Takes the item out of the giver's bag first, and puts it into the receiver's when the database has confirmed the transfer. */
  async #give(body: Body<SimState>, to: CharacterId): Promise<void> {
    const [item] = this.#bagOf(body)
    const receiver = [...this.bodies()].find(({ holder }) => holder.character === to)
    const epoch = this.#epochOf(body)
    if (item === undefined || receiver === undefined || epoch === undefined) return
    this.#bagOf(body).delete(item)
    const gift = { key: `${this.copy} ${++this.#gifts}`, item, from: body.holder.character, epoch, to }
    const given = await this.#retryUntilDone(() => this.economy.give(gift))
    if (given === true) this.#bagOf(receiver).add(item)
    else if (given === false) this.#bagOf(body).add(item)
  }

  #epochOf({ holder }: Body<SimState>): Epoch | undefined {
    return this.presences().find(({ character }) => character === holder.character)?.epoch
  }

  /** Repeats a call until it succeeds; undefined when the room is disposed first. */
  async #retryUntilDone<T>(call: () => Promise<T>): Promise<T | undefined> {
    while (this.#disposing === undefined) {
      try {
        return await call()
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
    return undefined
  }

  // --- replaces Colyseus -----------------------------------------------------------------------------------------
  override onMessage(...[, receive]: unknown[]): () => void {
    // ZoneRoom registers one handler for all message types.
    this.#receive = receive as Receive
    return () => {}
  }
  override setFixedTimestep(...[step, tickRate = 20]: Parameters<ZoneRoom<SimState, SimInput>['setFixedTimestep']>): void {
    const run = step as () => void // ZoneRoom's step function takes no context
    const next = (): void => {
      this.#loop = setTimeout(
        () => {
          next()
          run()
        },
        1000 / tickRate + this.#lateMs(),
      )
    }
    next()
  }

  /** The simulated players see no slow state. */
  override broadcastPatch(): boolean {
    return false
  }

  async join(client: SimClient, admission: Admission): Promise<void> {
    this.#clients.add(client)
    this.#joining.add(client)
    try {
      await this.onJoin(client.forRoom, {}, admission).finally(() => this.#joining.delete(client))
      if (client.closed) throw new Error('early leave')
      client.welcome()
    } catch (error) {
      await this.clientLeft(client, WITH_ERROR)
      client.refuse(error instanceof Error ? error.message : String(error))
    }
  }
  frame(client: SimClient, type: string, message: unknown): void {
    const { guard } = client.ref
    if (guard?.admits() === false) return
    try {
      this.#receive(client.forRoom, type, message)
    } catch (error) {
      guard?.malformed(error)
    }
  }
  /** The client left, or its socket closed. */
  async clientLeft(client: SimClient, code: number): Promise<void> {
    if (this.#joining.has(client) || !this.#clients.delete(client)) return
    await this.onLeave(client.forRoom, code)
    if (this.#disposing !== undefined && this.#clients.size === 0) await this.#dispose()
  }
  async leaveOnRequest(client: SimClient): Promise<void> {
    await this.clientLeft(client, CONSENTED)
    client.close(CONSENTED)
  }
  override async disconnect(code = CONSENTED): Promise<void> {
    if (this.#disposing !== undefined) return this.#disposing
    const done = Promise.withResolvers<void>()
    this.#disposing = done.promise
    this.#onDisposed = done.resolve
    if (this.#clients.size === 0) await this.#dispose()
    for (const client of [...this.#clients]) void this.clientLeft(client, code).then(() => client.close(code))
    return done.promise
  }
  #onDisposed: () => void = () => {}
  async #dispose(): Promise<void> {
    const disposed = this.onDispose()
    clearTimeout(this.#loop)
    await disposed
    this.#onDisposed()
  }
}
