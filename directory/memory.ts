import type { ChatChannel, ChatHistory, ChatMessage } from '../model/chat/chat.ts'
import type { DurationMs, Instant } from '../model/clock.ts'
import type { Copy, CopyState } from '../model/copy.ts'
import type { CharacterId, CopyId, MapName, ServerId } from '../model/ids.ts'
import type { LineEntry } from '../model/line.ts'
import type { MoveOrder, MoveOutcome } from '../model/move.ts'
import type { Presence, Seat, SeatHolder, SeatRequest } from '../model/seat.ts'
import type { ServerReport } from '../model/server.ts'
import type { ChatFeed } from './chat.ts'
import type { Directory, DirectoryEvent, MapSnapshot, ServerWord, Subscription } from './directory.ts'
import { EventFanout } from './eventFanout.ts'
import { ChatChannels } from './memory/chatChannels.ts'
import { MapLedger } from './memory/mapLedger.ts'
import { isSubscribed } from './subscriptions.ts'

/** The directory inside one process, for tests and for the simulator. The simulator calls `ledger` directly, without promises. */
export class MemoryDirectory implements Directory {
  readonly #maps = new Map<MapName, MapLedger>()
  readonly #presence = new Map<CharacterId, Presence>()
  readonly #servers = new Map<ServerId, ServerReport>()
  readonly #moves = new Map<ServerId, Map<string, MoveOrder>>()
  readonly #chat = new ChatChannels()
  readonly #events = new EventFanout()

  /** The synchronous core of one map. */
  ledger(map: MapName): MapLedger {
    const known = this.#maps.get(map)
    if (known !== undefined) return known
    const ledger = new MapLedger(map, (event) => this.#events.emit(event))
    this.#maps.set(map, ledger)
    return ledger
  }

  /** Loses all data, as a FLUSHALL does. */
  clear(): void {
    this.#maps.clear()
    this.#presence.clear()
    this.#servers.clear()
    this.#moves.clear()
    this.#chat.clear()
    this.#events.emit({ type: 'gap' })
  }

  /** The presence of one character, without a promise. */
  whereIs(character: CharacterId): Presence | undefined {
    return this.#presence.get(character)
  }

  /** Calls `listener` synchronously in the call that causes the event. Returns the function that unsubscribes. */
  onEvent(listener: (event: DirectoryEvent) => void): () => void {
    return this.#events.on(listener)
  }

  async ping(): Promise<void> {}
  /** Tests and the simulator have one clock. */
  readonly clockOffsetMs: DurationMs = 0

  async addCopy(copy: Copy): Promise<boolean> {
    return this.ledger(copy.map).addCopy(copy)
  }
  async changeCopy(copy: Copy, from: CopyState): Promise<boolean> {
    return this.ledger(copy.map).changeCopy(copy, from)
  }
  async removeCopy(map: MapName, copy: CopyId): Promise<void> {
    this.ledger(map).removeCopy(copy)
  }
  async restoreCopy(copy: Copy, taken: Seat[]): Promise<void> {
    this.ledger(copy.map).restoreCopy(copy, taken)
  }

  async holdSeats(request: SeatRequest): Promise<CopyId | undefined> {
    return this.ledger(request.map).holdSeats(request)
  }
  async takeSeat(map: MapName, copy: CopyId, character: CharacterId, now: Instant): Promise<boolean> {
    return this.ledger(map).takeSeat(copy, character, now)
  }
  async freeSeat(map: MapName, copy: CopyId, character: CharacterId): Promise<void> {
    this.ledger(map).freeSeat(copy, character)
  }

  async giveBackSeat(map: MapName, copy: CopyId, character: CharacterId, heldUntil: Instant): Promise<void> {
    this.ledger(map).giveBackSeat(copy, character, heldUntil)
  }
  async sweepSeats(map: MapName, now: Instant): Promise<number> {
    return this.ledger(map).sweepSeats(now)
  }

  async describeSeats(map: MapName, copy: CopyId, holders: readonly SeatHolder[]): Promise<void> {
    this.ledger(map).describeSeats(copy, holders)
  }

  async setPresence(presence: Presence): Promise<void> {
    const { character, epoch, server } = presence
    const before = this.#presence.get(character)
    const notify = (stale: ServerId, newer: Presence): void => this.#events.emit({ type: 'presence', server: stale, character, presence: newer })
    if (before !== undefined && before.epoch > epoch) return notify(server, before)
    this.#presence.set(character, presence)
    if (before !== undefined && before.epoch < epoch) notify(before.server, presence)
  }
  async clearPresence(character: CharacterId, epoch: number): Promise<void> {
    const known = this.#presence.get(character)
    if (known !== undefined && known.epoch <= epoch) this.#presence.delete(character)
  }
  async presence(characters: readonly CharacterId[]): Promise<Map<CharacterId, Presence>> {
    return new Map(characters.flatMap((character) => (this.#presence.has(character) ? [[character, this.#presence.get(character) as Presence] as const] : []))) // `has` was checked
  }

  async reportServer(report: ServerReport): Promise<void> {
    this.#servers.set(report.id, report)
    this.#events.emit({ type: 'server', server: report.id, report })
  }
  async servers(): Promise<ServerReport[]> {
    return [...this.#servers.values()]
  }
  async removeServer(server: ServerId): Promise<void> {
    this.#moves.delete(server)
    if (this.#servers.delete(server)) this.#events.emit({ type: 'server', server })
  }

  async joinLine(entry: LineEntry, max: number): Promise<LineEntry | undefined> {
    return this.ledger(entry.map).joinLine(entry, max)
  }
  async renewLine(map: MapName, id: string, keepUntil: Instant): Promise<boolean> {
    return this.ledger(map).line.renew(id, keepUntil)
  }
  async leaveLine(map: MapName, id: string): Promise<void> {
    this.ledger(map).leaveLine(id)
  }
  async linePosition(map: MapName, id: string, now: Instant): Promise<{ position: number; length: number } | undefined> {
    const ledger = this.ledger(map)
    ledger.sweepLine(now)
    const position = ledger.line.position(id)
    return position === undefined ? undefined : { position, length: ledger.line.length }
  }
  async lineHead(map: MapName, count: number, now: Instant): Promise<LineEntry[]> {
    const ledger = this.ledger(map)
    ledger.sweepLine(now)
    return ledger.line.head(count)
  }
  async promote(entry: LineEntry, request: SeatRequest, skippable: readonly string[] = [], perSecond = 0): Promise<CopyId | undefined> {
    return this.ledger(entry.map).promote(entry, request, skippable, perSecond)
  }
  async promoted(map: MapName, id: string): Promise<{ copy: CopyId; deadline: Instant } | undefined> {
    return this.ledger(map).promoted(id)
  }

  async orderMove(order: MoveOrder): Promise<void> {
    const mailbox = this.#moves.get(order.from.server) ?? new Map<string, MoveOrder>()
    mailbox.set(order.id, order)
    this.#moves.set(order.from.server, mailbox)
    this.#events.emit({ type: 'moveOrdered', server: order.from.server, move: order.id })
  }
  async movesFor(server: ServerId): Promise<MoveOrder[]> {
    return [...(this.#moves.get(server)?.values() ?? [])].sort((a, b) => a.ordered - b.ordered)
  }
  async settleMove(server: ServerId, outcome: MoveOutcome): Promise<void> {
    if (this.#moves.get(server)?.delete(outcome.id) === true) this.#events.emit({ type: 'moveSettled', server, outcome })
  }

  async tellServer(event: ServerWord): Promise<void> {
    this.#events.emit(event)
  }

  async publishChat(channel: ChatChannel, message: ChatMessage, keep?: ChatHistory): Promise<void> {
    this.#chat.publish(channel, message, keep)
  }
  async chatHistory(channel: ChatChannel, count: number, since: Instant): Promise<ChatMessage[]> {
    return this.#chat.history(channel, count, since)
  }
  async openChat(receive: (channel: ChatChannel, message: ChatMessage) => void): Promise<ChatFeed> {
    return this.#chat.open(receive)
  }

  async snapshot(map: MapName): Promise<MapSnapshot> {
    return this.ledger(map).snapshot()
  }
  async hosted(map: MapName, server: ServerId, listed: readonly CopyId[], which: 'all' | 'listed' = 'all'): Promise<MapSnapshot> {
    return this.ledger(map).snapshot((copy) => (which === 'all' && copy.server === server) || listed.includes(copy.id))
  }
  async seqs(maps: readonly MapName[]): Promise<Map<MapName, number>> {
    return new Map(maps.map((map) => [map, this.#maps.get(map)?.seq ?? 0]))
  }
  async maps(): Promise<MapName[]> {
    return [...this.#maps.keys()]
  }
  async watch(signal: AbortSignal, subscription?: Subscription): Promise<AsyncIterable<DirectoryEvent>> {
    return this.#events.iterate(signal, (event) => isSubscribed(event, subscription))
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
