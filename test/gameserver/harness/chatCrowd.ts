import { randomUUID } from 'node:crypto'
import { Registry } from 'prom-client'
import { RedisDirectory } from '../../../directory/redis/redisDirectory.ts'
import { ChatHub } from '../../../gameserver/zone/chat/chatHub.ts'
import { createChatMetrics } from '../../../gameserver/zone/chat/chatMetrics.ts'
import type { ChatOptions } from '../../../gameserver/zone/chat/options.ts'
import type { Connection, EncodedMessage } from '../../../gameserver/zone/connection/connection.ts'
import { defined } from '../../../model/defined.ts'
import type { CharacterId } from '../../../model/ids.ts'
import type { ChatEvent, SaidMessage, SpokenKind } from '../../../model/wire/chat.ts'
import { control } from '../../../model/wire/room.ts'
import { createLogger } from '../../../service/log.ts'
import { defaultSettings } from '../../../store/accounts/accounts.ts'
import type { SocialProfile } from '../../../store/store.ts'

/** Characters per map, guild and party. */
const sizes = { map: 50, guild: 25, party: 5 }
/** Channels in turn. Each sender says something in each of them. */
const spoken: readonly SpokenKind[] = ['party', 'guild', 'map', 'whisper']

export interface CrowdOptions {
  redisUrl: string
  servers: number
  people: number
  /** Messages that each sender says. */
  messages: number
  /** Messages a second of all senders together. */
  perSecond: number
}

export interface CrowdMember {
  profile: SocialProfile
  heard: ChatEvent[]
  answers: SaidMessage[]
  connection: Connection
  server: number
}

/** Longest wait in ms for answers and deliveries; a busy machine takes some seconds. */
const GIVE_UP_MS = 20_000
/** Time in ms after the last expected delivery in which a repeated one would arrive. */
const SETTLE_MS = 300

/** Blocks: each 50th character has a block with the next one, which is in its party. */
const BLOCK_EVERY = 50
/** Each 40th character is muted. */
const MUTE_EVERY = 40

/**
 * Senders on several game servers that share one Redis, each server with its own connections and its own chat. Connections record what their clients would
 * receive. Resolves when everything said is answered and delivered.
 */
export class ChatCrowd implements AsyncDisposable {
  readonly members: CrowdMember[] = []
  readonly delaysMs: number[] = []
  readonly #hubs: ChatHub[] = []
  readonly #stack = new AsyncDisposableStack()
  readonly #options: CrowdOptions
  #deliveries: number | undefined

  private constructor(options: CrowdOptions) {
    this.#options = options
  }

  static async open(options: CrowdOptions): Promise<ChatCrowd> {
    const crowd = new ChatCrowd(options)
    const profiles = new Map(Array.from({ length: options.people }, (_, index) => [`c${index}`, profileOf(index, options.people)]))
    const find = async (id: CharacterId): Promise<SocialProfile | undefined> => profiles.get(id)
    const store = { profile: find, findCharacter: find, profiles: async (ids: readonly CharacterId[]) => ids.flatMap((id) => profiles.get(id) ?? []) }
    const prefix = `crowd-${randomUUID()}:`
    const chat: ChatOptions = { send: { burst: 1_000, perSecond: 1_000 } }
    for (let index = 0; index < options.servers; index++) {
      const directory = crowd.#stack.use(await RedisDirectory.connect(options.redisUrl, { prefix }))
      const parts = { directory, store, clock: { now: Date.now }, log: createLogger('chat'), metrics: createChatMetrics(new Registry()) }
      crowd.#hubs.push(crowd.#stack.use(await ChatHub.open(parts, chat)))
      if (index === 0) for (const character of profiles.keys()) await directory.setPresence({ character, map: '', copy: '', server: '', epoch: 1 })
    }
    for (const [index, profile] of [...profiles.values()].entries()) crowd.#add(profile, index % options.servers)
    // A server is in all channels of a member when the member's first request is answered.
    await crowd.#ask((member) => crowd.#hubs[member.server]?.changeChannel(member.connection, { id: 'ready:1', name: 'everybody', action: 'join' }))
    return crowd
  }

  /** Each member says its messages; resolves when all are answered and no more arrive. */
  async talk(): Promise<void> {
    const { people, messages, perSecond } = this.#options
    const began = performance.now()
    let said = 0
    for (let round = 0; round < messages; round++) {
      for (const [index, member] of this.members.entries()) {
        const channel = spoken[(round + index) % spoken.length] ?? 'party'
        const to = channel === 'whisper' ? `c${partnerOf(index, people)}` : undefined
        const message = { id: `talk:${round + 1}`, channel, text: `${round} ${performance.now()}`, ...defined({ to }) }
        this.#hubs[member.server]?.say(member.connection, message)
        const aheadMs = (++said / perSecond) * 1000 - (performance.now() - began)
        if (aheadMs > 1) await new Promise((resolve) => setTimeout(resolve, aheadMs))
      }
    }
    const answered = (): boolean => this.members.every(({ answers }) => answers.length === messages)
    await reached(() => answered() && this.#heard() >= this.#expected())
    // A message that arrives twice would arrive now.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  }

  #heard(): number {
    return this.members.reduce((sum, { heard }) => sum + heard.length, 0)
  }
  /** How many messages all members together receive when none is lost. */
  #expected(): number {
    this.#deliveries ??= this.members.reduce((sum, sender) => {
      const rounds = Array.from({ length: this.#options.messages }, (_, round) => this.audience(sender, this.channelOf(sender, round)).length)
      return sum + rounds.reduce((all, one) => all + one, 0)
    }, 0)
    return this.#deliveries
  }

  /** The members that a message of `sender` must reach. */
  audience(sender: CrowdMember, channel: SpokenKind): CrowdMember[] {
    const index = this.members.indexOf(sender)
    if (sender.profile.mute !== undefined) return []
    const inChannel = this.members.filter(({ profile }, other) =>
      channel === 'whisper'
        ? other === partnerOf(index, this.#options.people)
        : channel === 'map'
          ? mapOf(other) === mapOf(index)
          : profile[channel as 'guild' | 'party'] === sender.profile[channel as 'guild' | 'party'],
    )
    return inChannel.filter(
      ({ profile }) => profile.blocked?.includes(sender.profile.character) !== true && sender.profile.blocked?.includes(profile.character) !== true,
    )
  }

  channelOf(sender: CrowdMember, round: number): SpokenKind {
    return spoken[(round + this.members.indexOf(sender)) % spoken.length] ?? 'party'
  }

  #add(profile: SocialProfile, server: number): void {
    const heard: ChatEvent[] = []
    const answers: SaidMessage[] = []
    const connection = {
      closed: false,
      joined: true,
      send: (type: string, message: SaidMessage) => type === control.said && answers.push(message),
      relay: ({ message }: EncodedMessage) => {
        const event = message as ChatEvent
        heard.push(event)
        this.delaysMs.push(performance.now() - Number(event.text.split(' ')[1]))
        return true
      },
    } as unknown as Connection // the members that the chat uses
    const member: CrowdMember = { profile, heard, answers, connection, server }
    const index = this.members.push(member) - 1
    const { character, entity, name, language } = profile
    this.#hubs[server]?.attach(connection, { holder: { character, entity, name, language }, map: mapOf(index), history: false })
  }

  async #ask(request: (member: CrowdMember) => void): Promise<void> {
    for (const member of this.members) request(member)
    await reached(() => this.members.every(({ answers }) => answers.length === 1))
    for (const { answers } of this.members) answers.length = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

/** Resolves when `done`, or after `GIVE_UP_MS`: the caller then finds what is missing. */
async function reached(done: () => boolean): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS
  while (!done() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** The next member of the same party. */
function partnerOf(index: number, people: number): number {
  const first = index - (index % sizes.party)
  const next = first + ((index + 1) % sizes.party)
  return next < people ? next : first
}

function mapOf(index: number): string {
  return `map ${Math.floor(index / sizes.map)}`
}

function profileOf(index: number, people: number): SocialProfile {
  const party = Math.floor(index / sizes.party)
  const partyMembers = Array.from({ length: sizes.party }, (_, place) => party * sizes.party + place).filter((member) => member < people)
  const blocked = index % BLOCK_EVERY === 0 ? `c${index + 1}` : undefined // one of the two profiles is enough
  return {
    character: `c${index}`,
    entity: index + 1,
    name: `Person ${index}`,
    account: `account ${index}`,
    language: 'en',
    languages: ['en'],
    guild: `guild ${Math.floor(index / sizes.guild)}`,
    party: `party ${party}`,
    partyMembers: partyMembers.map((member) => `c${member}`),
    friends: [],
    settings: defaultSettings,
    ...(blocked === undefined ? {} : { blocked: [blocked] }),
    ...(index % MUTE_EVERY === MUTE_EVERY - 1 ? { mute: { until: Date.now() + 3_600_000, reason: 'insults' } } : {}),
  }
}
