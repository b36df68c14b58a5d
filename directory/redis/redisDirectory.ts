import { Redis } from 'ioredis'
import type { Instant } from '../../model/clock.ts'
import type { Copy, CopyState } from '../../model/copy.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../model/ids.ts'
import { type LineEntry, lineOrder } from '../../model/line.ts'
import type { MoveOrder, MoveOutcome } from '../../model/move.ts'
import type { Presence, Seat, SeatRequest } from '../../model/seat.ts'
import type { ServerReport } from '../../model/server.ts'
import type { Directory, DirectoryEvent, Hearing, MapSnapshot } from '../directory.ts'
import { gatherWrites } from './gatherWrites.ts'
import { Keys } from './keys.ts'
import { reconnectDelayMs } from './reconnect.ts'
import { RedisEvents } from './redisEvents.ts'
import { defineScripts, type Scripts } from './scripts.ts'

const COMMAND_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 3_000
/** An order for a server that was removed a moment before is read by nobody, and its mailbox emptied by nobody. */
const MAILBOX_KEPT_MS = 7 * 24 * 3_600_000

export interface RedisDirectoryOptions {
  /** In front of every key and channel, so that several worlds may share a Redis. Default `strata:`. */
  prefix?: string
}

/** The directory in Redis: every call on one map is one Lua script on one hash slot; events go by publish/subscribe. */
export class RedisDirectory implements Directory {
  readonly #redis: Redis
  readonly #scripts: Scripts
  readonly #keys: Keys
  readonly #events: RedisEvents

  private constructor(redis: Redis, keys: Keys) {
    this.#redis = redis
    this.#keys = keys
    this.#events = new RedisEvents(redis)
    this.#scripts = defineScripts(redis)
  }

  /** Throws DEPENDENCY_DOWN when Redis does not answer. Afterwards outages are survived: calls fail, the connection comes back. */
  static async connect(url: string, { prefix = 'strata:' }: RedisDirectoryOptions = {}): Promise<RedisDirectory> {
    const redis = new Redis(url, {
      lazyConnect: true,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: 1,
      retryStrategy: reconnectDelayMs,
    })
    redis.on('error', () => undefined) // every failed command says so to its caller
    try {
      await redis.connect()
      return new RedisDirectory(redis, new Keys(prefix))
    } catch (error) {
      redis.disconnect()
      throw down(error)
    }
  }

  async addCopy(copy: Copy): Promise<boolean> {
    // The set of maps stands in another hash slot, so it is written first: a map too many in it does no harm.
    await this.#guard(this.#redis.sadd(this.#keys.maps, copy.map))
    return (await this.#map('putCopy', copy.map, copy.id, JSON.stringify(copy), copy.state, '')) === 1
  }
  async changeCopy(copy: Copy, from: CopyState): Promise<boolean> {
    return (await this.#map('putCopy', copy.map, copy.id, JSON.stringify(copy), copy.state, from)) === 1
  }
  async removeCopy(map: MapName, copy: CopyId): Promise<void> {
    await this.#map('removeCopy', map, copy)
  }
  async restoreCopy(copy: Copy, taken: Seat[]): Promise<void> {
    const seats = taken.flatMap((seat) => [seat.character, JSON.stringify(seat)])
    await this.#guard(this.#redis.sadd(this.#keys.maps, copy.map))
    await this.#map('restoreCopy', copy.map, copy.id, JSON.stringify(copy), copy.state, ...seats)
  }

  async holdSeats(request: SeatRequest): Promise<CopyId | undefined> {
    return asText(await this.#map('holdSeats', request.map, ...holdArguments(request)))
  }
  async takeSeat(map: MapName, copy: CopyId, character: CharacterId, now: Instant): Promise<boolean> {
    return (await this.#map('takeSeat', map, copy, character, now)) === 1
  }
  async freeSeat(map: MapName, copy: CopyId, character: CharacterId): Promise<void> {
    await this.#map('freeSeat', map, copy, character)
  }

  async giveBackSeat(map: MapName, copy: CopyId, character: CharacterId, heldUntil: Instant): Promise<void> {
    await this.#map('giveBackSeat', map, copy, character, heldUntil)
  }
  async sweepSeats(map: MapName, now: Instant): Promise<number> {
    return Number(await this.#map('sweepSeats', map, now))
  }

  async setPresence(presence: Presence): Promise<void> {
    const { character, epoch, server } = presence
    await this.#guard(this.#scripts.setPresence(this.#keys.presence, character, epoch, JSON.stringify(presence), server, this.#keys.doorChannel('')))
  }
  async clearPresence(character: CharacterId, epoch: number): Promise<void> {
    await this.#guard(this.#scripts.clearPresence(this.#keys.presence, character, epoch))
  }
  async presence(characters: readonly CharacterId[]): Promise<Map<CharacterId, Presence>> {
    if (characters.length === 0) return new Map()
    const found = await this.#guard(this.#redis.hmget(this.#keys.presence, ...characters))
    return new Map(found.flatMap((text) => (text === null ? [] : [parse<Presence>(text)])).map((presence) => [presence.character, presence]))
  }

  async reportServer(report: ServerReport): Promise<void> {
    await this.#guard(this.#redis.hset(this.#keys.servers, report.id, JSON.stringify(report)))
    await this.#publish({ type: 'server', server: report.id, report })
  }
  async servers(): Promise<ServerReport[]> {
    return (await this.#guard(this.#redis.hvals(this.#keys.servers))).map((text) => parse<ServerReport>(text))
  }
  async removeServer(server: ServerId): Promise<void> {
    await this.#guard(this.#redis.del(this.#keys.moves(server)))
    if ((await this.#guard(this.#redis.hdel(this.#keys.servers, server))) > 0) await this.#publish({ type: 'server', server })
  }

  async joinLine(entry: LineEntry, max: number): Promise<LineEntry | undefined> {
    // An instance that nobody had yet is asked for by a place in line: whoever looks for maps has to find it.
    await this.#guard(this.#redis.sadd(this.#keys.maps, entry.map))
    const place = asText(await this.#map('joinLine', entry.map, entry.id, lineOrder(entry), entry.keepUntil, JSON.stringify(entry), max))
    return place === undefined ? undefined : { ...parse<LineEntry>(place), keepUntil: entry.keepUntil }
  }
  async renewLine(map: MapName, id: string, keepUntil: Instant): Promise<boolean> {
    return (await this.#map('renewLine', map, id, keepUntil)) === 1
  }
  async leaveLine(map: MapName, id: string): Promise<void> {
    await this.#map('leaveLine', map, id)
  }
  async linePosition(map: MapName, id: string, now: Instant): Promise<{ position: number; length: number } | undefined> {
    const found = asList(await this.#map('linePosition', map, id, now))
    return found === undefined ? undefined : { position: Number(found[0]), length: Number(found[1]) }
  }
  async lineHead(map: MapName, count: number, now: Instant): Promise<LineEntry[]> {
    if (count <= 0) return []
    const flat = asList(await this.#map('lineHead', map, count, now)) ?? []
    const entries: LineEntry[] = []
    for (let i = 0; i < flat.length; i += 2) entries.push({ ...parse<LineEntry>(String(flat[i])), keepUntil: Number(flat[i + 1]) })
    return entries
  }
  async promote(entry: LineEntry, request: SeatRequest, passing: readonly string[] = [], perSecond = 0): Promise<CopyId | undefined> {
    return asText(await this.#map('promote', entry.map, entry.id, passing.length, ...passing, perSecond, ...holdArguments(request)))
  }
  async promoted(map: MapName, id: string): Promise<{ copy: CopyId; deadline: Instant } | undefined> {
    const found = asList(await this.#map('promoted', map, id))
    return found === undefined ? undefined : { copy: String(found[0]), deadline: Number(found[1]) }
  }

  async orderMove(order: MoveOrder): Promise<void> {
    const mailbox = this.#keys.moves(order.from.server)
    await this.#guard(this.#redis.hset(mailbox, order.id, JSON.stringify(order)))
    const event: DirectoryEvent = { type: 'moveOrdered', server: order.from.server, move: order.id }
    const expiry = this.#guard(this.#redis.pexpire(mailbox, order.to.heldUntil - order.ordered + MAILBOX_KEPT_MS))
    await Promise.all([expiry, this.#publish(event, this.#keys.doorChannel(event.server)), this.#publish(event)])
  }
  async movesFor(server: ServerId): Promise<MoveOrder[]> {
    const orders = (await this.#guard(this.#redis.hvals(this.#keys.moves(server)))).map((text) => parse<MoveOrder>(text))
    return orders.sort((a, b) => a.ordered - b.ordered)
  }
  async settleMove(server: ServerId, outcome: MoveOutcome): Promise<void> {
    const settled = await this.#guard(this.#redis.hdel(this.#keys.moves(server), outcome.id))
    if (settled > 0) await this.#publish({ type: 'moveSettled', server, outcome })
  }

  async snapshot(map: MapName): Promise<MapSnapshot> {
    const [seq, waiting, copies, seats] = asList(await this.#map('snapshot', map)) as [number, number, string[], (string | string[])[]] // as snapshot.lua says
    const snapshot: MapSnapshot = { map, seq, waiting, copies: copies.map((text) => parse<Copy>(text)), seats: [] }
    for (let i = 0; i < seats.length; i += 2) for (const text of seats[i + 1] ?? []) snapshot.seats.push({ copy: String(seats[i]), seat: parse<Seat>(text) })
    return snapshot
  }
  async seqs(maps: readonly MapName[]): Promise<Map<MapName, number>> {
    // Each stands in a hash slot of its own, so that MGET would not do.
    const found = await Promise.all(maps.map((map) => this.#guard(this.#redis.get(this.#keys.seq(map)))))
    return new Map(maps.map((map, index) => [map, Number(found[index] ?? 0)]))
  }
  async maps(): Promise<MapName[]> {
    return this.#guard(this.#redis.smembers(this.#keys.maps))
  }
  watch(signal: AbortSignal, hearing: Hearing = {}): Promise<AsyncIterable<DirectoryEvent>> {
    const { channel, crowdChannel } = this.#keys
    const other = hearing.onlyFor === undefined ? crowdChannel : this.#keys.doorChannel(hearing.onlyFor)
    return this.#guard(this.#events.watch([channel, other], hearing, signal))
  }

  #map(script: keyof Scripts, map: MapName, ...args: (string | number)[]): Promise<unknown> {
    gatherWrites(this.#redis)
    return this.#guard(this.#scripts[script](this.#keys.map(map), ...args, this.#keys.channel, this.#keys.crowdChannel))
  }

  async #publish(event: DirectoryEvent, channel = this.#keys.crowdChannel): Promise<void> {
    await this.#guard(this.#redis.publish(channel, JSON.stringify(event)))
  }

  async #guard<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      throw down(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#events[Symbol.dispose]()
    this.#redis.disconnect()
  }
}

function holdArguments({ now, deadline, party, group, unseated, holders, options }: SeatRequest): (string | number)[] {
  return [
    now,
    deadline,
    party ?? '',
    group?.id ?? '',
    group?.among ?? 0,
    (unseated ?? []).map((character) => `${character}\0`).join(''),
    holders.length,
    ...holders.flatMap((holder) => [holder.character, JSON.stringify({ ...holder, state: 'held', deadline } satisfies Seat)]),
    options.map(({ copy, limit, evenClosing }) => `${copy}\0${limit}\0${evenClosing === true ? 1 : 0}\0`).join(''),
  ]
}

/** What this class wrote itself comes back: the shape is known. */
function parse<T>(text: string): T {
  return JSON.parse(text) as T
}

function asText(answer: unknown): string | undefined {
  return typeof answer === 'string' ? answer : undefined
}

function asList(answer: unknown): unknown[] | undefined {
  return Array.isArray(answer) ? answer : undefined
}

function down(error: unknown): unknown {
  // A mistake in a script is ours, not an outage.
  if (error instanceof Error && error.name === 'ReplyError' && !/^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|OOM|MISCONF|NOAUTH)/.test(error.message))
    return error
  return new StrataError('DEPENDENCY_DOWN', { what: 'Redis' }, { cause: error })
}
