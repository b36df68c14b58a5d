import { z } from 'zod'
import type { CopyId, MapName, NameOrId } from '../ids.ts'
import { decisionRecord } from './decision.ts'

/** Requests and responses of the matchmaker's player API. /openapi.json is generated from these schemas. */
const id = z.string().min(1).max(64)

const wish = {
  map: id.optional(),
  friend: id.optional().describe('Id or name of the character to join.'),
  copy: id.optional().describe('Id of a copy; only if the policy of its map lets players choose.'),
  instance: id
    .optional()
    .describe('Name of a map of kind instance; the copy is private to the party, or to those with the same instance key where the policy names one.'),
  border: z.boolean().default(false).describe('Travel only: the player walks over the edge of the map, and the move waits until the edge is crossed.'),
  alone: z.boolean().default(false).describe('Travel only: members of the party stay where they are, also when the character leads it.'),
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
}
const oneDestination = (body: {
  map?: MapName | undefined
  friend?: NameOrId | undefined
  copy?: CopyId | undefined
  instance?: MapName | undefined
}): boolean => [body.map, body.friend, body.copy, body.instance].filter((destination) => destination !== undefined).length === 1
const destinationProblem = { message: 'name exactly one of map, friend, copy and instance' }

/** Where to enter, and which character of the account plays (absent: its only one). */
export const enterRequest = z.strictObject({ ...wish, character: id.optional() }).refine(oneDestination, destinationProblem)

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

/** Request to travel, of a player in the world. The answer is a move, which the room then offers to the client, or a place in line. */
export const travelRequest = z.strictObject(wish).refine(oneDestination, destinationProblem)
export const moveAnswer = z.object({ id: z.string(), map: id, copy: id, members: z.array(id) })
export const travelResponse = z.union([z.object({ move: moveAnswer }), z.object({ line: lineAnswer })])

/** `GET /v1/line`: the seat, or the current place in line. A character that waits for a travel gets a move instead of a seat. */
export const lineResponse = z.union([enterResponse, travelResponse])

/** `GET /v1/maps`: what a player may know of the maps and copies. */
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
  whereabouts: z
    .object({
      map: id,
      copy: id,
      server: z.string().optional(),
      seat: z.enum(['held', 'taken']).optional(),
      live: z.boolean(),
      instanceKey: z.string().optional(),
    })
    .optional(),
  // Any kind: the CLI must also read the answers of a newer matchmaker.
  decisions: z.array(decisionRecord.extend({ kind: z.string() })),
})

/** `GET /v1/locks`: rewards that the character has taken and cannot take again before `until`, in any copy: bosses, chests. */
export const locksResponse = z.object({ locks: z.array(z.object({ key: z.string(), until: z.number() })) })

export const errorResponse = z.object({
  error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean(), details: z.record(z.string(), z.union([z.string(), z.number()])) }),
})

export type EnterRequest = z.input<typeof enterRequest>
export type EnterResponse = z.infer<typeof enterResponse>
export type SeatAnswer = z.infer<typeof seatAnswer>
export type LineAnswer = z.infer<typeof lineAnswer>
export type MoveAnswer = z.infer<typeof moveAnswer>
export type TravelRequest = z.input<typeof travelRequest>
export type TravelResponse = z.infer<typeof travelResponse>
export type LineResponse = z.infer<typeof lineResponse>
export type MapsResponse = z.infer<typeof mapsResponse>
export type LocksResponse = z.infer<typeof locksResponse>
export type ExplainResponse = z.infer<typeof explainResponse>
