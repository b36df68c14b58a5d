import { enter } from '../../matchmaker/flows/enter.ts'
import type { MapName } from '../../model/ids.ts'
import { PROTOCOL_VERSION } from '../../model/server.ts'
import { inFlight } from '../report.ts'
import { makeCharacters } from '../world/characters.ts'
import type { BenchMatchmaker } from '../world/matchmaker.ts'
import { PLAYERS, WIDTH } from './size.ts'

/** Everything that `POST /v1/enter` does behind HTTP: placement, and also the profile from PostgreSQL and the signed ticket. */
export async function enterAll(
  { parts }: BenchMatchmaker,
  databaseUrl: string,
  [map]: readonly MapName[],
): Promise<{ count: number; seconds: number; latenciesMs: number[] }> {
  const characters = await makeCharacters(databaseUrl, 'Enter', PLAYERS)
  const done = await inFlight(characters.length, WIDTH, (n) =>
    enter(parts, characters[n] ?? '', { map, protocol: PROTOCOL_VERSION, wholeParty: false, rankIn: () => 0 }),
  )
  return { count: characters.length, ...done }
}
