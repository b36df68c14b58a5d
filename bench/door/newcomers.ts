import { CharactersApi } from '../../client/api/charactersApi.ts'
import { MatchmakerHttp } from '../../client/api/http.ts'
import { PlacementApi } from '../../client/api/placementApi.ts'
import { OpenIdSession } from '../../gameserver/demo/bots/account/openIdSession.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { inFlight } from '../report.ts'
import type { DoorWorld } from './doorWorld.ts'
import { DOOR } from './policies.ts'

/** New players in flight at the same time. */
const WIDTH = 32

interface Newcomer {
  session: OpenIdSession
  characters: CharactersApi
  placement: PlacementApi
  name: string
}

function newcomer({ matchmakers, openId }: DoorWorld, name: string, number: number): Newcomer {
  const session = new OpenIdSession(openId, { login: name, name, locale: 'de' })
  const http = new MatchmakerHttp(matchmakers[number % matchmakers.length] ?? '', session.token)
  return { session, characters: new CharactersApi(http), placement: new PlacementApi(http), name }
}

async function enter({ placement, name }: Newcomer): Promise<void> {
  const answer = await placement.enter({ map: DOOR, protocol: PROTOCOL_VERSION })
  if (!('seat' in answer)) throw new Error(`${name} got no seat`)
}

export interface Newcomers {
  seconds: number
  latenciesMs: number[]
}

/** Signs in, makes a character and gets a seat: all that a new player needs before the game server. */
export function comeIn(world: DoorWorld, prefix: string, count: number): Promise<Newcomers> {
  return inFlight(count, WIDTH, async (number) => {
    const player = newcomer(world, `${prefix} ${number}`, number)
    await player.characters.create({ name: player.name, languages: ['de'] })
    await enter(player)
  })
}

/** Gets a seat only: the players signed in and made their characters before the clock started. */
export async function enterOnly(world: DoorWorld, count: number): Promise<Newcomers> {
  const players = Array.from({ length: count }, (_, number) => newcomer(world, `Returning ${number}`, number))
  await inFlight(count, WIDTH, async (number) => players[number]?.characters.create({ name: `Returning ${number}`, languages: ['de'] }))
  return inFlight(count, WIDTH, async (number) => {
    const player = players[number]
    if (player !== undefined) await enter(player)
  })
}

/** Signs in at the identity provider only. It bounds `comeIn` from above. */
export function signInOnly(world: DoorWorld, count: number): Promise<Newcomers> {
  return inFlight(count, WIDTH, (number) => newcomer(world, `Visitor ${number}`, number).session.token())
}
