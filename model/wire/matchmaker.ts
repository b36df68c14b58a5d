import { z } from 'zod'
import { decisionRecord } from './decision.ts'

/** Requests and responses of the matchmaker's player API. /openapi.json is generated from these schemas. */
const id = z.string().min(1).max(64)
const name = z.string().regex(/^[\p{L}\p{N} _'-]{2,32}$/u, 'use 2 to 32 letters, digits, spaces, dashes, underscores or apostrophes')

export const loginRequest = z.strictObject({
  name: name.describe('Name of the character; it is created at its first login (development login only).'),
  language: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]{2})?$/, 'use a language such as "en"')
    .default('en'),
  guild: name.optional().describe('Guild of the character; it is created if it does not exist (development login only).'),
  attributes: z
    .record(z.string().min(1).max(63), z.union([z.number(), z.string().max(64)]))
    .refine((all) => Object.keys(all).length <= 8, 'send at most 8')
    .optional()
    .describe('Further attributes of the character, by the names in placement.attributes of the policies (development login only).'),
  friends: z
    .array(name)
    .max(200)
    .default([])
    .describe('Names of friends. Two characters are friends when one of them names the other and both exist (development login only).'),
})
export const loginResponse = z.object({ session: z.string(), character: id, entity: z.int(), name: z.string() })

/** What to enter: exactly one of `map`, `friend`, `copy` and `instance`. */
export const enterRequest = z
  .strictObject({
    map: id.optional(),
    friend: id.optional().describe('Id or name of the character to join.'),
    copy: id.optional().describe('Id of a copy; only if the policy of its map lets players choose.'),
    instance: id.optional().describe('Name of a map of kind instance; the copy is private to the party.'),
    border: z.boolean().default(false).describe('Travel only: the player walks over the edge of the map, and the move waits until the edge is crossed.'),
    protocol: z.int().min(1).default(1),
    class: z.string().max(63).optional().describe('Priority class in line.'),
    latencyMs: z
      .record(z.string().min(1).max(63), z.number().min(0).max(60_000))
      .refine((all) => Object.keys(all).length <= 32, 'send at most 32 regions')
      .optional()
      .describe('Round-trip time to each region in ms, as the client measured it.'),
    region: id.optional().describe('Use only servers of this region.'),
    wholeParty: z
      .boolean()
      .default(false)
      .describe('Also hold seats for all party members who are not in the world yet; each of them gets the held seat when they enter.'),
  })
  .refine((body) => [body.map, body.friend, body.copy, body.instance].filter((x) => x !== undefined).length === 1, {
    message: 'name exactly one of map, friend, copy and instance',
  })

export const seatAnswer = z.object({
  address: z.string().describe('WebSocket URL of the server, ws:// or wss://.'),
  map: id,
  copy: id,
  ticket: z.string(),
  expires: z.number().describe('The seat is freed at this instant unless it was taken (ms since 1970).'),
})
export const lineAnswer = z.object({
  map: id,
  ticket: z.string().describe('Proves the place in line. Send it to poll the line and to resume after a disconnect (GET /v1/line, header x-line-ticket).'),
  position: z.int(),
  length: z.int(),
  waitMs: z.union([z.object({ p50: z.number(), p90: z.number() }), z.literal('unknown')]),
})
export const enterResponse = z.union([z.object({ seat: seatAnswer }), z.object({ line: lineAnswer })])

/** Travel of a character that is in the world. The answer is a move, which the room carries out, or a place in line. */
export const travelRequest = enterRequest
export const moveAnswer = z.object({ id: z.string(), map: id, copy: id, members: z.array(id) })
export const travelResponse = z.union([z.object({ move: moveAnswer }), z.object({ line: lineAnswer })])

/** `GET /v1/line`: the seat, or the current place in line. A character that waits for a travel gets a move instead of a seat. */
export const lineResponse = z.union([enterResponse, travelResponse])

export const partyResponse = z.object({ party: id, members: z.array(z.object({ character: id, name: z.string() })) })
export const partyJoinRequest = z.strictObject({ party: id.describe('Id of the party. It is the invitation: everybody who knows it may join.') })

/** `GET /v1/maps`: the maps and copies as far as players may see them. */
export const mapsResponse = z.object({
  maps: z.array(
    z.object({
      map: id,
      kind: z.enum(['zone', 'instance']),
      chooseCopy: z.boolean(),
      players: z.int(),
      waiting: z.int(),
      copies: z.array(z.object({ copy: id, players: z.int(), soft: z.int(), friends: z.int().describe('Number of your friends in the copy.') })),
    }),
  ),
})

/** `GET /v1/explain/{character}`: where a character is and the decisions that led there, newest first. */
export const explainResponse = z.object({
  character: id,
  name: z.string(),
  party: id.optional(),
  guild: z.string().optional(),
  guildName: z.string().optional(),
  language: z.string(),
  whereabouts: z.object({ map: id, copy: id, server: z.string().optional(), seat: z.enum(['held', 'taken']).optional(), live: z.boolean() }).optional(),
  // Any kind: the CLI must also read the answers of a newer matchmaker.
  decisions: z.array(decisionRecord.extend({ kind: z.string() })),
})

/** `GET /v1/locks`: rewards that the character has taken and cannot take again before `until`, in any copy: bosses, chests. */
export const locksResponse = z.object({ locks: z.array(z.object({ key: z.string(), until: z.number() })) })

export const errorResponse = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), details: z.record(z.string(), z.union([z.string(), z.number()])) }),
})

export type LoginRequest = z.input<typeof loginRequest>
export type LoginResponse = z.infer<typeof loginResponse>
export type EnterRequest = z.input<typeof enterRequest>
export type EnterResponse = z.infer<typeof enterResponse>
export type SeatAnswer = z.infer<typeof seatAnswer>
export type LineAnswer = z.infer<typeof lineAnswer>
export type MoveAnswer = z.infer<typeof moveAnswer>
export type TravelResponse = z.infer<typeof travelResponse>
export type LineResponse = z.infer<typeof lineResponse>
export type MapsResponse = z.infer<typeof mapsResponse>
export type ExplainResponse = z.infer<typeof explainResponse>
export type PartyResponse = z.infer<typeof partyResponse>
