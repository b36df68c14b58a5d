import { z } from 'zod'
import { channelMessage, sayMessage } from '../chat.ts'
import type { control } from '../room.ts'

/** Metres from the centre of a map, far beyond any map. */
const coordinate = z.number().min(-1e7).max(1e7)
const move = z.string().max(64).describe('Id of the move, from `offer` or `go`.')

/** Options of `joinById`. */
export const joinOptions = z.strictObject({
  ticket: z.string().max(2048).describe('The ticket of the seat, as the matchmaker or `offer` sent it.'),
  protocol: z.int().min(1).default(1).describe('Version of the protocol that the client speaks.'),
  at: z
    .strictObject({ x: coordinate, y: coordinate, z: coordinate.exactOptional() })
    .exactOptional()
    .describe('Only for a standby: position of the player in the coordinates of B. B sends the surroundings of this point.'),
})

export const arrivedMessage = z.strictObject({ move })
export const declinedMessage = z.strictObject({ move, reason: z.string().max(200).describe('For the log of the server.') })
export const activateMessage = z.strictObject({ move, epoch: z.int().min(0).describe('From `go`.') })
export const inputMessage = z.strictObject({
  seq: z.int().min(1).describe('Rises by one with each input over the whole session, moves included. A server applies each input once and in order.'),
  data: z.unknown().describe('The input. Its shape is the game’s (`ZoneRoom.inputSchema`).'),
  seen: z.int().min(0).max(0xffff_ffff).exactOptional().describe('`tick` of the newest snapshot that this server has sent.'),
})

export interface DescribedMessage {
  schema: z.ZodType
  /** To which server, or from which one, and what for. One sentence. */
  meaning: string
}

/** All control messages of clients by their member of `control`. */
export const clientMessages: Partial<Record<keyof typeof control, DescribedMessage>> = {
  input: { schema: inputMessage, meaning: 'To the server where the character is live: one input of the game.' },
  arrived: { schema: arrivedMessage, meaning: 'To A: the client is on standby at B.' },
  declined: { schema: declinedMessage, meaning: 'To A: the client could not join B, or lost its connection to B.' },
  activate: { schema: activateMessage, meaning: 'To B, after `go`: claim the character.' },
  say: { schema: sayMessage, meaning: 'To the server where the character is live: a chat message. The answer is `said`.' },
  channel: {
    schema: channelMessage,
    meaning: 'Joins or leaves a custom chat channel. A client on standby joins its channels at B, too. The answer is `said`.',
  },
}
