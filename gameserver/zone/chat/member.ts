import type { ChatChannel, ChatMessage } from '../../../model/chat/chat.ts'
import type { Instant } from '../../../model/clock.ts'
import type { CharacterId, MapName } from '../../../model/ids.ts'
import type { SocialProfile } from '../../../store/store.ts'
import type { Connection } from '../connection/connection.ts'
import type { Parcel } from './parcel.ts'

/** Messages that a member may miss while its profile is being read or its client is joining. Beyond that the oldest is dropped. */
const HELD_MAX = 200

export type Delivery = 'sent' | 'hidden' | 'held' | 'dropped'

/** The chat of one connection: a character that is live here, or on standby. */
export class Member {
  readonly connection: Connection
  readonly character: CharacterId
  readonly map: MapName
  readonly channels = new Set<ChatChannel>()
  /** Requests are handled one after the other, so that a slow whisper does not let a later message overtake it. */
  requests: Promise<void> = Promise.resolve()
  waiting = 0
  #profile: SocialProfile | undefined
  #blocked: ReadonlySet<CharacterId> = new Set()
  /** Messages until the member is ready; undefined afterwards. */
  #held: Parcel[] | undefined = []

  constructor(connection: Connection, { character, map }: { character: CharacterId; map: MapName }) {
    this.connection = connection
    this.character = character
    this.map = map
  }

  /** Undefined until the store has answered. */
  get profile(): SocialProfile | undefined {
    return this.#profile
  }
  set profile(profile: SocialProfile) {
    this.#profile = profile
    this.#blocked = new Set(profile.blocked)
  }

  /** Sends the history and then the messages that arrived since, each once. */
  ready(history: readonly Parcel[], now: Instant): void {
    const held = this.#held ?? []
    this.#held = undefined
    const past = new Set(history.map(keyOf))
    for (const parcel of [...history, ...held.filter((parcel) => !past.has(keyOf(parcel)))]) this.deliver(parcel, now)
  }

  deliver(parcel: Parcel, now: Instant): Delivery {
    if (this.#held !== undefined) {
      this.#held.push(parcel)
      if (this.#held.length > HELD_MAX) this.#held.shift()
      return 'held'
    }
    const { message, event } = parcel
    if (this.#hides(message)) return 'hidden'
    // Operators send few messages, which take nothing from the budget for other players' messages.
    if (message.from === undefined) this.connection.sendEncoded(event)
    else if (!this.connection.relay(event, now)) return 'dropped'
    return 'sent'
  }

  /** Both profiles are looked at: each one is some milliseconds old, and the list of one may lack a character that the other account has just made. */
  #hides({ from }: ChatMessage): boolean {
    if (from === undefined || from.character === this.character) return false
    return this.#blocked.has(from.character) || from.blocked?.includes(this.character) === true
  }
}

function keyOf({ channel, message: { id, from } }: Parcel): string {
  return `${channel} ${from?.character} ${id}`
}
