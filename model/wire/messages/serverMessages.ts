import { z } from 'zod'
import type { CloseReason } from '../../copy.ts'
import { violationKinds } from '../../fairness.ts'
import type { MoveCause } from '../../move.ts'
import type { ChatEvent, SaidMessage } from '../chat.ts'
import {
  type AckMessage,
  type BorderMessage,
  type ClosingMessage,
  changeTopics,
  type control,
  type EndedMessage,
  type GoMessage,
  type HoldMessage,
  type IdleMessage,
  type LimitedMessage,
  type LiveMessage,
  type NoticeMessage,
  type OfferMessage,
  type ProfileMessage,
  type SavingMessage,
  type StayingMessage,
  type StayMessage,
  type WarnedMessage,
} from '../room.ts'
import type { DescribedMessage } from './clientMessages.ts'

const text = z.string()
const instant = z.number().describe('ms since 1970')
const entity = z.int().min(1).max(0xffff_ffff)
const move = text.describe('Id of the move.')
const lastInput = z.int().min(0).describe('Number of the newest input that was applied before the release. Send later ones again.')

/** A schema whose values are exactly those of `Message`: a member that one of both lacks does not compile. */
const exactly =
  <Message>() =>
  <Output extends Message>(
    schema: z.ZodType<Output> & (Message extends Output ? (AllKeys<Message> extends AllKeys<Output> ? unknown : never) : never),
  ): z.ZodType =>
    schema
type AllKeys<Union> = Union extends unknown ? keyof Union : never

const live = exactly<LiveMessage>()(
  z.strictObject({
    map: text,
    copy: text,
    server: text,
    entity: entity.describe('Id of the player’s own entity in snapshots. It never changes.'),
    epoch: z.int().min(0),
    lastInput: z.int().min(0).describe('Number of the newest input that was applied. 0 after a new login.'),
    tickRate: z.number().describe('Simulation steps a second.'),
    self: z.unknown().describe('The game’s own data for the player (`ZoneRoom.selfState`).'),
  }),
)
const causes = ['travel', 'merge', 'drain', 'border', 'reunite', 'relief', 'operator'] as const satisfies readonly MoveCause[]
const offer = exactly<OfferMessage>()(
  z.strictObject({
    move,
    cause: z.enum(causes),
    map: text,
    copy: text,
    address: text.describe('WebSocket URL of B.'),
    ticket: text.describe('Admits the client to standby at B, once.'),
    at: z
      .strictObject({ x: z.number(), y: z.number() })
      .exactOptional()
      .describe('Position of the character in the coordinates of B. Absent: B has the coordinates of A.'),
    companions: z.array(entity).describe('Entities that move along. Keep them on the screen until B shows them.'),
  }),
)
const go = exactly<GoMessage>()(z.strictObject({ move, epoch: z.int().min(0).describe('Send it with `activate`.'), lastInput }))
const stay = exactly<StayMessage>()(z.strictObject({ move, reason: text.describe('For a log.'), lastInput }))
const reasons = ['merge', 'drain', 'empty', 'operator'] as const satisfies readonly CloseReason[]
const topics = z.array(z.enum(changeTopics)).describe('What to read again over HTTP.')
const notice = exactly<NoticeMessage>()(
  z.union([
    z.strictObject({ about: z.literal('follow'), from: z.strictObject({ character: text, name: text }), map: text, until: instant }),
    z.strictObject({ about: z.literal('changed'), topics }),
  ]),
)
const profile = exactly<ProfileMessage>()(
  z.strictObject({
    name: text,
    languages: z.array(text).readonly(),
    guild: text.exactOptional(),
    party: text.exactOptional(),
    partyMembers: z.array(text).readonly(),
    attributes: z
      .record(text, z.union([text, z.number()]))
      .readonly()
      .exactOptional(),
  }),
)
const said = exactly<SaidMessage>()(
  z.strictObject({
    id: text.describe('Of the request.'),
    // The codes are those of docs/reference/errors.md. Listed here, each new code would change this page.
    code: z
      .custom<NonNullable<SaidMessage['code']>>((code) => typeof code === 'string')
      .exactOptional()
      .describe('Absent: it succeeded.'),
    message: text.exactOptional(),
  }),
)
const channels = ['map', 'party', 'guild', 'whisper', 'custom', 'announcement'] as const satisfies readonly ChatEvent['channel'][]
const chat = exactly<ChatEvent>()(
  z.strictObject({
    id: text.describe('A message may arrive twice in a move, with the same id.'),
    channel: z.enum(channels),
    to: text.exactOptional().describe('Name of the custom channel.'),
    from: z.strictObject({ character: text, name: text }).exactOptional().describe('Absent: from the operators.'),
    text,
    at: instant,
    past: z.literal(true).exactOptional().describe('Said before the character entered.'),
  }),
)
const ended = exactly<EndedMessage>()(
  z.strictObject({ code: z.custom<EndedMessage['code']>((code) => typeof code === 'string').describe('Code of [errors.md](errors.md).'), message: text }),
)

/** All control messages of servers by their member of `control`, without `layout`, which docs/reference/protocol.md describes apart. */
export const serverMessages: Partial<Record<keyof typeof control, DescribedMessage>> = {
  live: { schema: live, meaning: 'The character is live here: after a join with a ticket of the matchmaker, and after `activate`.' },
  offer: { schema: offer, meaning: 'From A: a seat is held at B; join B as standby.' },
  hold: {
    schema: exactly<HoldMessage>()(z.strictObject({ move })),
    meaning: 'From A: the release begins. The character stands still until `live` at B or `stay`; A keeps sending snapshots.',
  },
  go: { schema: go, meaning: 'From A: the character is released; send `activate` to B now.' },
  stay: { schema: stay, meaning: 'From A: the move failed, or A claimed the character back. The player stays in A.' },
  border: {
    schema: exactly<BorderMessage>()(z.strictObject({ map: text })),
    meaning: 'The player is near the edge to this map: call `POST /v1/travel` with `{ map, border: true }` now, so that the seat is held in time.',
  },
  closing: {
    schema: exactly<ClosingMessage>()(z.strictObject({ reason: z.enum(reasons), deadline: instant.describe('After it, busy players are moved too.') })),
    meaning: 'The copy is closing. Nothing to do: an offer follows.',
  },
  saving: {
    schema: exactly<SavingMessage>()(z.strictObject({ late: z.boolean(), since: instant.describe('Everything before it is saved.') })),
    meaning: 'Saving is late, or has recovered; play goes on.',
  },
  idle: {
    schema: exactly<IdleMessage>()(z.strictObject({ leavesAt: instant.exactOptional().describe('Absent: the warning is over.') })),
    meaning: 'The player is idle, and loses the seat at this instant to somebody in line.',
  },
  limited: {
    schema: exactly<LimitedMessage>()(z.strictObject({ type: text })),
    meaning: 'Messages of this type come too fast and are dropped. At most once a second.',
  },
  warned: {
    schema: exactly<WarnedMessage>()(z.strictObject({ kind: z.enum(violationKinds) })),
    meaning: 'The server saw a violation of [fair play](fair-play.md).',
  },
  notice: { schema: notice, meaning: 'A party member travels and asks to follow, or lists of the HTTP API changed.' },
  profile: { schema: profile, meaning: 'The profile of the character changed.' },
  staying: {
    schema: exactly<StayingMessage>()(z.strictObject({ forMs: z.number() })),
    meaning: 'After the client has left: the game keeps the body, at most for this time. The server closes the connection when the body is gone.',
  },
  ended: { schema: ended, meaning: 'Why the server ends the session. The close follows.' },
  ack: { schema: exactly<AckMessage>()(z.strictObject({ lastInput: z.int().min(0) })), meaning: 'Protocol 1 only: all inputs up to this number are applied.' },
  said: { schema: said, meaning: 'The answer to `say` or `channel`.' },
  chat: { schema: chat, meaning: 'A message of a chat channel that the character is in.' },
}
