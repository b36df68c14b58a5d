import { setTimeout as pause } from 'node:timers/promises'
import type { ChatFeed } from '../../../directory/chat.ts'
import type { Directory } from '../../../directory/directory.ts'
import { type ChatChannel, type ChatMessage, chatKind, chatSubject } from '../../../model/chat/chat.ts'
import { ChatOrder } from '../../../model/chat/chatOrder.ts'
import { foldChannel } from '../../../model/chat/chatText.ts'
import type { Clock } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import type { AccountId, CharacterId, MapName } from '../../../model/ids.ts'
import type { BackoffTimes } from '../../../model/retry/backoff.ts'
import { retry } from '../../../model/retry/retry.ts'
import type { SeatHolder } from '../../../model/seat.ts'
import type { ChannelMessage, SaidMessage, SayMessage } from '../../../model/wire/chat.ts'
import { control } from '../../../model/wire/room.ts'
import type { Logger } from '../../../service/log.ts'
import type { SocialProfile, Store } from '../../../store/store.ts'
import type { Connection } from '../connection/connection.ts'
import { Channels } from './channels.ts'
import type { ChatMetrics } from './chatMetrics.ts'
import { Listeners } from './listeners.ts'
import { type Delivery, Member } from './member.ts'
import { type ChatOptions, type ChatRules, chatRules } from './options.ts'
import { type Parcel, parcelOf } from './parcel.ts'
import { Speaking } from './speaking.ts'

/** Streams of messages that are remembered, so that none is delivered twice: those of the last minutes on a full server. */
const STREAMS_KEPT = 50_000
/** Requests of one member that may wait for the store; beyond that they are refused. */
const REQUESTS_MAX = 16
/** Interval in ms between two checks whether a client has confirmed its join. */
const JOINED_EVERY_MS = 25
/** Delays in ms between attempts to read a profile. */
const PROFILE_TIMES: BackoffTimes = { firstMs: 200, maxMs: 5_000 }

export interface ChatParts {
  directory: Directory
  store: Pick<Store, 'profile' | 'profiles' | 'findCharacter'>
  clock: Clock
  log: Logger
  metrics: ChatMetrics
}

/** The work of a request that must end before its answer is sent. */
interface Done {
  published?: Promise<void>
}

interface Arrival {
  holder: SeatHolder
  map: MapName
  /** True for a character that enters, false for one that is moved: its client has the history. */
  history: boolean
}

/** The chat of one game server: all rooms share it, so that each message arrives once and is handed to each connection in its channel. */
export class ChatHub implements AsyncDisposable {
  readonly #parts: ChatParts
  readonly #rules: ChatRules
  readonly #feed: ChatFeed
  readonly #channels: Channels
  readonly #listeners: Listeners
  readonly #speaking: Speaking
  readonly #members = new Map<Connection, Member>()

  private constructor(parts: ChatParts, rules: ChatRules, feed: ChatFeed) {
    this.#parts = parts
    this.#rules = rules
    this.#feed = feed
    this.#channels = new Channels(feed, parts.log)
    this.#listeners = new Listeners(parts.store, parts.directory)
    this.#speaking = new Speaking({ ...parts, listeners: this.#listeners }, rules)
  }

  static async open(parts: ChatParts, options?: ChatOptions): Promise<ChatHub> {
    const order = new ChatOrder(STREAMS_KEPT)
    let deliver = (_channel: ChatChannel, _message: ChatMessage): void => undefined // the feed has no channels yet
    const feed = await parts.directory.openChat((channel, message) => {
      if (order.isNew(channel, message)) deliver(channel, message)
      else parts.metrics.repeats.inc()
    })
    const hub = new ChatHub(parts, chatRules(options), feed)
    deliver = (channel, message) => hub.#deliver(channel, message)
    return hub
  }

  /** The connection receives chat from now on. Call it when the character is live or on standby. */
  attach(connection: Connection, { holder, map, history }: Arrival): void {
    const { character } = holder
    const member = new Member(connection, { character, map })
    this.#members.set(connection, member)
    const joined = [...standing(character, map), ...company(holder)].map((channel) => this.#channels.join(member, channel))
    this.#parts.metrics.channels.set(this.#channels.size)
    member.requests = this.#prepare(member, joined, history).catch((error: unknown) =>
      this.#parts.log.error({ err: error, character }, 'the chat of a character could not be prepared'),
    )
  }

  /** The connection has closed. */
  detach(connection: Connection): void {
    const member = this.#members.get(connection)
    if (member === undefined) return
    this.#members.delete(connection)
    for (const channel of [...member.channels]) this.#channels.leave(member, channel)
    this.#parts.metrics.channels.set(this.#channels.size)
  }

  say(connection: Connection, message: SayMessage): void {
    this.#request(connection, message, (member, profile) => this.#speaking.say(member, profile, message))
  }

  /** Joins or leaves a custom channel. */
  changeChannel(connection: Connection, message: ChannelMessage): void {
    const { name, action } = message
    this.#request(connection, message, async (member) => {
      const folded = foldChannel(name)
      if (folded === undefined || this.#rules.mayJoin?.(member.character, folded) === false) throw new StrataError('CHANNEL_UNKNOWN', { channel: name })
      const channel: ChatChannel = `custom:${folded}`
      if (action === 'leave') this.#channels.leave(member, channel)
      if (action === 'leave' || member.channels.has(channel)) return {}
      const custom = [...member.channels].filter((one) => chatKind(one) === 'custom').length
      if (custom >= this.#rules.customChannels) throw new StrataError('CHAT_CHANNEL_LIMIT', { limit: this.#rules.customChannels })
      await this.#channels.join(member, channel)
      for (const past of await this.#history(channel)) member.deliver(past, this.#parts.clock.now())
      return {}
    })
  }

  /** Characters whose profile is known, each once, with their accounts. */
  people(): { character: CharacterId; account: AccountId }[] {
    const profiles = [...this.#members.values()].flatMap(({ profile }) => profile ?? [])
    return [...new Map(profiles.map(({ character, account }) => [character, { character, account }])).values()]
  }

  /** Reads the profiles of these characters again, or of all: party, guild, blocks or a mute changed. */
  async refresh(characters: readonly CharacterId[] | 'all'): Promise<void> {
    const wanted = characters === 'all' ? undefined : new Set(characters)
    const members = [...this.#members.values()].filter(({ character }) => wanted?.has(character) ?? true)
    if (members.length === 0) return
    const profiles = await this.#parts.store.profiles([...new Set(members.map(({ character }) => character))])
    const known = new Map(profiles.map((profile) => [profile.character, profile]))
    for (const member of members) {
      const profile = known.get(member.character)
      if (profile !== undefined && this.#members.get(member.connection) === member) this.#describe(member, profile)
    }
  }

  /** Answers one request of a client. Requests of one connection run one after the other; a refusal is answered and disconnects nobody. */
  #request(connection: Connection, request: SayMessage | ChannelMessage, run: (member: Member, profile: SocialProfile) => Promise<Done>): void {
    const member = this.#members.get(connection)
    if (member === undefined) return
    const { id } = request
    const answer = (said: SaidMessage): void => connection.send(control.said, said)
    const refuse = (error: unknown): void => {
      const known = error instanceof StrataError ? error : new StrataError('INTERNAL', { problem: 'the chat failed' })
      if (known !== error) this.#parts.log.error({ err: error, character: member.character }, 'a chat request failed')
      if ('text' in request) this.#parts.metrics.messages.inc({ channel: request.channel, result: known.code })
      answer({ id, code: known.code, message: known.message })
    }
    try {
      // Charged before it waits: a flood is refused at once and costs no work.
      if ('text' in request) this.#speaking.chargeMessage(member.character)
      else this.#speaking.chargeChange(member.character)
      if (member.waiting >= REQUESTS_MAX) throw new StrataError('TOO_MANY_REQUESTS', { seconds: 1 })
    } catch (error) {
      return refuse(error)
    }
    member.waiting++
    member.requests = member.requests.then(async () => {
      try {
        if (member.profile === undefined) throw new StrataError('DEPENDENCY_DOWN', { what: 'The database' })
        const { published } = await run(member, member.profile)
        // Not awaited: the next request of this member need not wait for Redis.
        if (published === undefined) answer({ id })
        else published.then(() => answer({ id }), refuse)
      } catch (error) {
        refuse(error)
      } finally {
        member.waiting--
      }
    })
  }

  /** Reads the profile, and for a newcomer the history, and waits until the client has confirmed its join. Messages are held until then. */
  async #prepare(member: Member, joined: readonly Promise<void>[], history: boolean): Promise<void> {
    const { store, log, clock } = this.#parts
    const here = (): boolean => this.#members.get(member.connection) === member
    const mayRetry = (error: unknown, failures: number): boolean => {
      log.warn({ err: error, failures, character: member.character }, 'reading the profile of a character for its chat failed; trying again')
      return here()
    }
    const profile = await retry(() => store.profile(member.character), { times: PROFILE_TIMES, mayRetry, pause })
    if (profile === undefined || !here()) return
    await Promise.all([...joined, ...this.#describe(member, profile)])
    const kept = history ? await Promise.all([...member.channels].map((channel) => this.#history(channel))) : []
    while (here() && !member.connection.joined) await pause(JOINED_EVERY_MS)
    if (here()) member.ready(kept.flat(), clock.now())
  }

  async #history(channel: ChatChannel): Promise<Parcel[]> {
    const { directory, clock, log } = this.#parts
    const keep = this.#rules.history[chatKind(channel)]
    if (keep === undefined) return []
    try {
      return (await directory.chatHistory(channel, keep.count, clock.now() - keep.ageMs)).map((message) => parcelOf(channel, message, true))
    } catch (error) {
      log.warn({ err: error, channel }, 'could not read the history of a chat channel')
      return []
    }
  }

  /** Takes over a profile, and brings the member into the channels of its party and guild. */
  #describe(member: Member, profile: SocialProfile): Promise<void>[] {
    member.profile = profile
    const wanted = new Set(company(profile))
    for (const channel of [...member.channels]) {
      const kind = chatKind(channel)
      if ((kind === 'party' || kind === 'guild') && !wanted.has(channel)) this.#channels.leave(member, channel)
    }
    const joins = [...wanted].filter((channel) => !member.channels.has(channel)).map((channel) => this.#channels.join(member, channel))
    this.#parts.metrics.channels.set(this.#channels.size)
    return joins
  }

  #deliver(channel: ChatChannel, message: ChatMessage): void {
    const { clock, metrics } = this.#parts
    const now = clock.now()
    const parcel = parcelOf(channel, message)
    const results: Record<Delivery, number> = { sent: 0, hidden: 0, held: 0, dropped: 0 }
    for (const member of this.#channels.membersOf(channel)) {
      if (member.connection.closed) {
        this.detach(member.connection)
        continue
      }
      const result = member.deliver(parcel, now)
      results[result]++
      if (result === 'sent' && message.from !== undefined && chatKind(channel) === 'whisper')
        this.#listeners.noteWhisper(message.from.character, chatSubject(channel))
    }
    for (const [result, count] of Object.entries(results)) if (count > 0) metrics.deliveries.inc({ result }, count)
    metrics.delay.observe(Math.max(0, now - message.at) / 1000)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of [...this.#members.keys()]) this.detach(connection)
    await this.#feed[Symbol.asyncDispose]()
  }
}

/** The channels that a character is in without joining, whatever its party and guild: its map's, its own for whispers, the announcements. */
function standing(character: CharacterId, map: MapName): ChatChannel[] {
  return [`map:${map}`, `whisper:${character}`, 'announcement']
}

function company({ party, guild }: Pick<SeatHolder, 'party' | 'guild'>): ChatChannel[] {
  return [...(party === undefined ? [] : [`party:${party}` as const]), ...(guild === undefined ? [] : [`guild:${guild}` as const])]
}
