import type { CharacterId, CopyId, EntityId, GuildId, MapName } from '../../../../model/ids.ts'
import type { ChatEvent, ExplainResponse, FriendRequestsResponse, FriendResponse, PartyInvitation, PartyResponse, WorldEvents } from '../../../index.ts'

export type Line = WorldEvents['line']

/** Which screen the page shows. */
export type Phase =
  | { name: 'signIn'; problem?: string }
  | { name: 'entering'; map: MapName }
  | { name: 'line'; line: Line }
  | { name: 'playing' }
  | { name: 'reconnecting'; attempt: number; cause: string }
  | { name: 'ended'; problem: string }

export interface ChatLine {
  id: string
  channel: ChatEvent['channel'] | 'near' | 'system'
  from?: string
  /** The character to whom a whisper of one's own went. */
  to?: string
  text: string
  own: boolean
}

export interface Place {
  map: MapName
  copy: CopyId
  label: string
  population: number
}

/** The line while a journey waits for a seat; the player goes on playing. */
export interface Journey {
  map: MapName
  line?: Line
}

export interface Guild {
  id: GuildId
  name: string
}

export interface Notice {
  id: number
  text: string
  tone: 'good' | 'bad' | 'plain'
}

/** A member of the party asks whether the player comes along. */
export interface Offer {
  from: string
  map: MapName
  accept: () => void
}

/** A journey to another server that has just ended. */
export interface Arrival {
  cause: string
  gapMs: number
  at: number
}

export interface Target {
  id: EntityId
  name: string
  player: boolean
}

export interface GameState {
  phase: Phase
  name: string
  character: CharacterId | undefined
  place: Place | undefined
  health: number
  down: boolean
  bag: Readonly<Record<string, number>>
  target: Target | undefined
  chat: readonly ChatLine[]
  party: PartyResponse | undefined
  invitations: readonly PartyInvitation[]
  friends: readonly FriendResponse[]
  requests: FriendRequestsResponse
  guild: Guild | undefined
  guildInvitations: readonly { guild: GuildId; name: string }[]
  journey: Journey | undefined
  offer: Offer | undefined
  notices: readonly Notice[]
  arrival: Arrival | undefined
  explanation: ExplainResponse | undefined
}

export const initialState: GameState = {
  phase: { name: 'signIn' },
  name: '',
  character: undefined,
  place: undefined,
  health: 100,
  down: false,
  bag: {},
  target: undefined,
  chat: [],
  party: undefined,
  invitations: [],
  friends: [],
  requests: { received: [], sent: [] },
  guild: undefined,
  guildInvitations: [],
  journey: undefined,
  offer: undefined,
  notices: [],
  arrival: undefined,
  explanation: undefined,
}
