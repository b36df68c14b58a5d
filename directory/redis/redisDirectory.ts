import { Cluster, type Redis } from 'ioredis'
import type { ChatChannel, ChatHistory, ChatMessage } from '../../model/chat/chat.ts'
import type { DurationMs, Instant } from '../../model/clock.ts'
import type { Copy, CopyState } from '../../model/copy.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../../model/ids.ts'
import { type LineEntry, lineOrder } from '../../model/line.ts'
import type { MoveOrder, MoveOutcome } from '../../model/move.ts'
import type { Presence, Seat, SeatHolder, SeatRequest } from '../../model/seat.ts'
import type { ServerReport } from '../../model/server.ts'
import type { ChatFeed } from '../chat.ts'
import type { Directory, DirectoryEvent, MapSnapshot, ServerWord, Subscription } from '../directory.ts'
import { batchWrites } from './batchWrites.ts'
import { ClockOffset } from './clockOffset.ts'
import { Keys } from './keys.ts'
import { openRedis, type RedisConnections } from './openRedis.ts'
import { RedisChat } from './redisChat.ts'
import { redisEvents } from './redisEvents.ts'
import { ReplicaWait } from './replicaWait.ts'
import { defineScripts, type Scripts } from './scripts.ts'
import { Subscribers } from './subscribers.ts'

/** Interval of the writes that find out whether the server still takes writes, in ms. */
const PROBE_EVERY_MS = 2_000
/** How long the key that `ping` writes is kept, in ms. */
const PROBE_KEPT_MS = 60_000
/** Time from the first answer of a demoted server until the subscriptions connect again, in ms. */
const RESUBSCRIBE_AFTER_MS = 500
/** Options that are sent at first with a request for seats. The best one has room unless many enter in the same moment. */
const FIRST_OPTIONS = 16
/** How long a mailbox outlives the seats of its last order, in ms. Without expiry, an order to a server that was just removed would stay in Redis. */
const MAILBOX_KEPT_MS = 7 * 24 * 3_600_000

export interface RedisDirectoryOptions {
  /** Prefix of every key and channel, so that several worlds can share one Redis. Default `strata:`. */
  prefix?: string
  /** Whose clock counts the time until a deadline. `caller`: the instants that callers pass; only for tests with virtual time. Default `redis`. */
  clock?: 'redis' | 'caller'
  /**
   * Seats are held only when this many replicas have them, so that a failover to one of them gives no seat twice. Each hold takes one round trip to the replicas
   * longer, and fails while too few of them answer. Not for a Redis Cluster. Default 0: a hold does not wait.
   */
  waitReplicas?: number
}

/** The directory in Redis. Every call on one map is one Lua script on one hash slot; events use publish/subscribe. */
export class RedisDirectory implements Directory {
  readonly #redis: RedisConnections['commands']
  readonly #scripts: Scripts
  /** Set from the first answer of a demoted server until the subscriptions connect again. */
  #resubscribe: NodeJS.Timeout | undefined
  readonly #probe: NodeJS.Timeout
  readonly #clockOffset = new ClockOffset()
  readonly #keys: Keys
  readonly #clock: 'redis' | 'caller'
  readonly #subscribers: Subscribers
  readonly #chat: RedisChat
  readonly #replicaWait: ReplicaWait | undefined

  private constructor(connections: RedisConnections, keys: Keys, clock: 'redis' | 'caller', replicaWait: ReplicaWait | undefined) {
    this.#redis = connections.commands
    this.#clock = clock
    this.#keys = keys
    this.#subscribers = new Subscribers(connections)
    this.#chat = new RedisChat(connections.commands, this.#subscribers, keys)
    this.#scripts = defineScripts(connections.commands)
    this.#replicaWait = replicaWait
    // A process that only reads would not notice that its server was demoted.
    this.#probe = setInterval(() => void this.#probeOnce().catch(() => undefined), PROBE_EVERY_MS).unref()
  }

  /** Throws DEPENDENCY_DOWN if Redis does not answer, SETTING_INVALID. During a later outage calls fail and the connection is restored in the background. */
  static async connect(url: string, { prefix = 'strata:', clock = 'redis', waitReplicas = 0 }: RedisDirectoryOptions = {}): Promise<RedisDirectory> {
    const opened: { directory?: RedisDirectory } = {}
    const connections = openRedis(url, () => {
      if (opened.directory !== undefined) opened.directory.#onDemoted()
    })
    const keys = new Keys(prefix)
    const replicaWait = waitReplicas === 0 ? undefined : new ReplicaWait(connections.waiter(), waitReplicas, keys.probe)
    try {
      await connections.commands.connect()
      opened.directory = new RedisDirectory(connections, keys, clock, replicaWait)
      return opened.directory
    } catch (error) {
      connections.commands.disconnect()
      throw asOutage(error)
    }
  }

  /**
   * A replica still passes on what is published, but only while it follows its primary: after a failover the subscriptions move to the new one. Many commands
   * meet the demoted server at once, and the new primary may not be reachable yet: one reconnect follows shortly after the last of them.
   */
  #onDemoted(): void {
    this.#resubscribe ??= setTimeout(() => {
      this.#resubscribe = undefined
      this.#subscribers.reconnect()
    }, RESUBSCRIBE_AFTER_MS).unref()
  }

  async ping(): Promise<void> {
    await this.#guard(this.#redis.set(this.#keys.probe, '1', 'PX', PROBE_KEPT_MS))
  }

  get clockOffsetMs(): DurationMs | undefined {
    return this.#clockOffset.largestMs
  }

  async #probeOnce(): Promise<void> {
    await this.ping()
    const nodes = new Map((this.#redis instanceof Cluster ? this.#redis.nodes('master') : [this.#redis]).map((node) => [nodeName(node), node]))
    this.#clockOffset.keep(new Set(nodes.keys()))
    for (const [name, node] of nodes) {
      const sent = Date.now()
      const [seconds = 0, microseconds = 0] = await node.time()
      this.#clockOffset.record(name, Number(seconds) * 1_000 + Number(microseconds) / 1_000, { sent, received: Date.now() })
    }
  }

  async addCopy(copy: Copy): Promise<boolean> {
    // The set of maps is in another hash slot, so this is not atomic. It is written first, because a map without copies does no harm.
    await this.#guard(this.#redis.sadd(this.#keys.maps, copy.map))
    return (await this.#runOnMap('putCopy', copy.map, copy.id, JSON.stringify(copy), copy.state, '')) === 1
  }
  async changeCopy(copy: Copy, from: CopyState): Promise<boolean> {
    return (await this.#runOnMap('putCopy', copy.map, copy.id, JSON.stringify(copy), copy.state, from)) === 1
  }
  async removeCopy(map: MapName, copy: CopyId): Promise<void> {
    await this.#runOnMap('removeCopy', map, copy)
  }
  async restoreCopy(copy: Copy, taken: Seat[]): Promise<void> {
    const seats = taken.flatMap((seat) => [seat.character, JSON.stringify(seat)])
    await this.#guard(this.#redis.sadd(this.#keys.maps, copy.map))
    await this.#runOnMap('restoreCopy', copy.map, copy.id, JSON.stringify(copy), copy.state, ...seats)
  }

  async holdSeats(request: SeatRequest): Promise<CopyId | undefined> {
    return this.#confirmed(await firstOptions(request, async (part) => asText(await this.#runOnMap('holdSeats', part.map, ...holdArguments(part)))))
  }
  async takeSeat(map: MapName, copy: CopyId, character: CharacterId, now: Instant): Promise<boolean> {
    return (await this.#runOnMap('takeSeat', map, copy, character, now)) === 1
  }
  async freeSeat(map: MapName, copy: CopyId, character: CharacterId): Promise<void> {
    await this.#runOnMap('freeSeat', map, copy, character)
  }

  async giveBackSeat(map: MapName, copy: CopyId, character: CharacterId, heldUntil: Instant): Promise<void> {
    await this.#runOnMap('giveBackSeat', map, copy, character, heldUntil)
  }
  async sweepSeats(map: MapName, now: Instant): Promise<number> {
    return Number(await this.#runOnMap('sweepSeats', map, now))
  }

  async describeSeats(map: MapName, copy: CopyId, holders: readonly SeatHolder[]): Promise<void> {
    if (holders.length === 0) return
    await this.#runOnMap('describeSeats', map, copy, ...holders.flatMap((holder) => [holder.character, JSON.stringify(holder)]))
  }

  async setPresence(presence: Presence): Promise<void> {
    const { character, epoch, server } = presence
    await this.#guard(this.#scripts.setPresence(this.#keys.presence, character, epoch, JSON.stringify(presence), server, this.#keys.serverChannel('')))
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

  async joinLine(entry: LineEntry, max: number, now: Instant): Promise<LineEntry | undefined> {
    // A place in line can be the first entry of an instance map. The planner finds the map through this set.
    await this.#guard(this.#redis.sadd(this.#keys.maps, entry.map))
    const place = asText(await this.#runOnMap('joinLine', entry.map, entry.id, lineOrder(entry), entry.keepUntil, JSON.stringify(entry), max, now))
    return place === undefined ? undefined : { ...parse<LineEntry>(place), keepUntil: entry.keepUntil }
  }
  async renewLine(map: MapName, id: string, keepUntil: Instant, now: Instant): Promise<boolean> {
    return (await this.#runOnMap('renewLine', map, id, keepUntil, now)) === 1
  }
  async leaveLine(map: MapName, id: string): Promise<void> {
    await this.#runOnMap('leaveLine', map, id)
  }
  async linePosition(map: MapName, id: string, now: Instant): Promise<{ position: number; length: number } | undefined> {
    const found = asList(await this.#runOnMap('linePosition', map, id, now))
    return found === undefined ? undefined : { position: Number(found[0]), length: Number(found[1]) }
  }
  async lineHead(map: MapName, count: number, now: Instant): Promise<LineEntry[]> {
    if (count <= 0) return []
    const flat = asList(await this.#runOnMap('lineHead', map, count, now)) ?? []
    const entries: LineEntry[] = []
    for (let i = 0; i < flat.length; i += 2) entries.push({ ...parse<LineEntry>(String(flat[i])), keepUntil: Number(flat[i + 1]) })
    return entries
  }
  async promote(entry: LineEntry, request: SeatRequest, skippable: readonly string[] = [], perSecond = 0): Promise<CopyId | undefined> {
    const promote = async (part: SeatRequest): Promise<CopyId | undefined> =>
      asText(await this.#runOnMap('promote', entry.map, entry.id, skippable.length, ...skippable, perSecond, ...holdArguments(part)))
    return this.#confirmed(await firstOptions(request, promote))
  }
  async promoted(map: MapName, id: string): Promise<{ copy: CopyId; deadline: Instant } | undefined> {
    const found = asList(await this.#runOnMap('promoted', map, id))
    return found === undefined ? undefined : { copy: String(found[0]), deadline: Number(found[1]) }
  }

  async orderMove(order: MoveOrder): Promise<void> {
    const mailbox = this.#keys.moves(order.from.server)
    await this.#guard(this.#redis.hset(mailbox, order.id, JSON.stringify(order)))
    const event: DirectoryEvent = { type: 'moveOrdered', server: order.from.server, move: order.id }
    const expiry = this.#guard(this.#redis.pexpire(mailbox, order.to.heldUntil - order.ordered + MAILBOX_KEPT_MS))
    await Promise.all([expiry, this.#publish(event, this.#keys.serverChannel(event.server)), this.#publish(event)])
  }
  async movesFor(server: ServerId): Promise<MoveOrder[]> {
    const orders = (await this.#guard(this.#redis.hvals(this.#keys.moves(server)))).map((text) => parse<MoveOrder>(text))
    return orders.sort((a, b) => a.ordered - b.ordered)
  }
  async settleMove(server: ServerId, outcome: MoveOutcome): Promise<void> {
    const settled = await this.#guard(this.#redis.hdel(this.#keys.moves(server), outcome.id))
    if (settled > 0) await this.#publish({ type: 'moveSettled', server, outcome })
  }

  tellServer(event: ServerWord): Promise<void> {
    return this.#publish(event, this.#keys.serverChannel(event.server))
  }

  publishChat(channel: ChatChannel, message: ChatMessage, keep?: ChatHistory): Promise<void> {
    return this.#guard(this.#chat.publish(channel, message, keep))
  }
  chatHistory(channel: ChatChannel, count: number, since: Instant): Promise<ChatMessage[]> {
    return this.#guard(this.#chat.history(channel, count, since))
  }
  openChat(receive: (channel: ChatChannel, message: ChatMessage) => void): Promise<ChatFeed> {
    return this.#guard(this.#chat.open(receive))
  }

  async snapshot(map: MapName): Promise<MapSnapshot> {
    return readSnapshot(map, await this.#runOnMap('snapshot', map))
  }
  async hosted(map: MapName, server: ServerId, listed: readonly CopyId[], which: 'all' | 'listed' = 'all'): Promise<MapSnapshot> {
    return readSnapshot(map, await this.#runOnMap('hosted', map, which === 'all' ? server : '', listed.length, ...listed))
  }
  async seqs(maps: readonly MapName[]): Promise<Map<MapName, number>> {
    // MGET cannot be used: the counters are in different hash slots.
    const found = await Promise.all(maps.map((map) => this.#guard(this.#redis.get(this.#keys.seq(map)))))
    return new Map(maps.map((map, index) => [map, Number(found[index] ?? 0)]))
  }
  async maps(): Promise<MapName[]> {
    return this.#guard(this.#redis.smembers(this.#keys.maps))
  }
  watch(signal: AbortSignal, subscription: Subscription = {}): Promise<AsyncIterable<DirectoryEvent>> {
    const { copyChannel, censusChannel } = this.#keys
    const other = subscription.onlyFor === undefined ? censusChannel : this.#keys.serverChannel(subscription.onlyFor)
    return this.#guard(redisEvents(this.#subscribers, [copyChannel, other], subscription, signal))
  }

  /** A hold that is not confirmed lapses at its deadline (rule S4), unless its caller repeats it. */
  async #confirmed(held: CopyId | undefined): Promise<CopyId | undefined> {
    if (held !== undefined && this.#replicaWait !== undefined) await this.#guard(this.#replicaWait.confirm())
    return held
  }

  #runOnMap(script: keyof Scripts, map: MapName, ...args: (string | number)[]): Promise<unknown> {
    batchWrites(this.#redis)
    return this.#guard(this.#scripts[script](this.#keys.map(map), ...args, this.#keys.copyChannel, this.#keys.censusChannel, this.#clock))
  }

  async #publish(event: DirectoryEvent, channel = this.#keys.censusChannel): Promise<void> {
    await this.#guard(this.#redis.publish(channel, JSON.stringify(event)))
  }

  async #guard<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      throw asOutage(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#resubscribe)
    clearInterval(this.#probe)
    this.#subscribers[Symbol.dispose]()
    this.#replicaWait?.[Symbol.dispose]()
    this.#redis.disconnect()
  }
}

function nodeName({ options: { host, port, path } }: Redis): string {
  return path ?? `${host}:${port}`
}

/** The result of `snapshot.lua` and `hosted.lua`. */
function readSnapshot(map: MapName, answer: unknown): MapSnapshot {
  const [seq, waiting, copies, seats] = asList(answer) as [number, number, string[], (string | string[])[]] // these scripts return it
  const snapshot: MapSnapshot = { map, seq, waiting, copies: copies.map((text) => parse<Copy>(text)), seats: [] }
  for (let i = 0; i < seats.length; i += 2) for (const text of seats[i + 1] ?? []) snapshot.seats.push({ copy: String(seats[i]), seat: parse<Seat>(text) })
  return snapshot
}

/**
 * Tries the first options, and all of them only if none of these has room: 1,000 options are 45 kB, on which Redis works longer than on the seat. The copies
 * that the anchor of a group may prefer are always among those that are sent.
 */
async function firstOptions(request: SeatRequest, hold: (part: SeatRequest) => Promise<CopyId | undefined>): Promise<CopyId | undefined> {
  const first = Math.max(FIRST_OPTIONS, request.group?.among ?? 0)
  if (request.options.length <= 2 * first) return hold(request)
  return (await hold({ ...request, options: request.options.slice(0, first) })) ?? hold(request)
}

function holdArguments({ now, deadline, party, group, unseated, holders, options }: SeatRequest): (string | number)[] {
  return [
    now,
    deadline,
    party ?? '',
    group?.id ?? '',
    group?.among ?? 0,
    group?.forMs ?? 0,
    (unseated ?? []).map((character) => `${character}\0`).join(''),
    holders.length,
    ...holders.flatMap((holder) => [holder.character, JSON.stringify({ ...holder, state: 'held', deadline } satisfies Seat)]),
    options.map(({ copy, limit, evenClosing }) => `${copy}\0${limit}\0${evenClosing === true ? 1 : 0}\0`).join(''),
  ]
}

/** The text was written by this class, so its shape is known. */
function parse<T>(text: string): T {
  return JSON.parse(text) as T
}

function asText(answer: unknown): string | undefined {
  return typeof answer === 'string' ? answer : undefined
}

function asList(answer: unknown): unknown[] | undefined {
  return Array.isArray(answer) ? answer : undefined
}

/** DEPENDENCY_DOWN, except for an error reply of Redis that shows a bug in a script. */
function asOutage(error: unknown): unknown {
  if (error instanceof StrataError) return error
  if (error instanceof Error && error.name === 'ReplyError' && !/^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|OOM|MISCONF|NOAUTH)/.test(error.message))
    return error
  return new StrataError('DEPENDENCY_DOWN', { what: 'Redis' }, { cause: error })
}
