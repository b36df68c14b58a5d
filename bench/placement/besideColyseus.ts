import type { MapName } from '../../model/ids.ts'
import { type Report, rounded } from '../report.ts'
import type { BenchMatchmaker } from '../world/matchmaker.ts'
import { Colyseus, SEEKERS } from './colyseus.ts'
import { placeAll } from './placeAll.ts'
import { strangers } from './players.ts'
import { COPIES, WIDTH } from './size.ts'

const ROUNDS = 4
/** Strata's placements per map and round. */
const OWN = 70
/** Joins of Colyseus per round. */
const JOINS = 1_000
/** Requests per round that are sent one after the other. */
const ONE_AT_A_TIME = 100

/** Strata and Colyseus place players in worlds of equal size, 20 rooms per map, in alternating rounds. */
export async function besideColyseus(matchmaker: BenchMatchmaker, redisUrl: string, maps: readonly MapName[]): Promise<{ ratio: number; report: Report }> {
  await using colyseus = await Colyseus.start(redisUrl, maps, COPIES)
  const people = new Map(maps.map((map) => [map, strangers(map, ROUNDS * OWN)]))
  const [own, peer] = [new Sum(), new Sum()]
  const [ownAlone, peerAlone, peerSpread] = [new Sum(), new Sum(), new Sum()]
  for (let round = 0; round < ROUNDS; round++) {
    const requests = Array.from({ length: OWN }, (_, n) => maps.flatMap((map) => people.get(map)?.[round * OWN + n] ?? [])).flat()
    own.add(requests.length - ONE_AT_A_TIME, await placeAll(matchmaker, requests.slice(ONE_AT_A_TIME)))
    peer.add(JOINS, await colyseus.join(JOINS, WIDTH))
    peerSpread.add(JOINS, { ...(await colyseus.joinSpread(JOINS, WIDTH)), cpuMicros: 0 })
    ownAlone.add(ONE_AT_A_TIME, await placeAll(matchmaker, requests.slice(0, ONE_AT_A_TIME), 1))
    peerAlone.add(ONE_AT_A_TIME, await colyseus.join(ONE_AT_A_TIME, 1))
  }
  return {
    ratio: rounded(own.perSecond / peer.perSecond, 1),
    report: {
      rooms: maps.length * COPIES,
      joinOrCreatePerSecond: Math.round(peer.perSecond),
      ownPerSecond: Math.round(own.perSecond),
      cpuMicrosPerJoin: Math.round(peer.cpuMicros),
      ownCpuMicros: Math.round(own.cpuMicros),
      /** 64 joins in flight, spread over several processes. Strata's figure is still that of one process. */
      spread: {
        processes: SEEKERS,
        joinOrCreatePerSecond: Math.round(peerSpread.perSecond),
        ratio: rounded(own.perSecond / peerSpread.perSecond, 1),
      },
      oneAtATime: {
        joinOrCreatePerSecond: Math.round(peerAlone.perSecond),
        ownPerSecond: Math.round(ownAlone.perSecond),
        ratio: rounded(ownAlone.perSecond / peerAlone.perSecond, 1),
      },
    },
  }
}

class Sum {
  #count = 0
  #seconds = 0
  #cpuMicros = 0
  add(count: number, { seconds, cpuMicros }: { seconds: number; cpuMicros: number }): void {
    this.#count += count
    this.#seconds += seconds
    this.#cpuMicros += cpuMicros
  }
  get perSecond(): number {
    return this.#count / this.#seconds
  }
  get cpuMicros(): number {
    return this.#cpuMicros / this.#count
  }
}
