import type { MapName } from '../model/ids.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { BareLua } from './placement/bareLua.ts'
import { besideColyseus } from './placement/besideColyseus.ts'
import { enterAll } from './placement/enterAll.ts'
import { type Placed, placeAll, together } from './placement/placeAll.ts'
import { companions, strangers } from './placement/players.ts'
import { COMPANY, COPIES, HARD, PLAYERS, SOFT } from './placement/size.ts'
import { quantile, type Report, rounded } from './report.ts'
import { keepServer, openCopies, policyOf } from './world/maps.ts'
import { startMatchmaker } from './world/matchmaker.ts'
import { startServices } from './world/services.ts'

export const summary = 'one player placed: score, atomic seat, stored decision; beside bare Lua and Colyseus'

/** Everything in turns, so that whatever else the machine does meets all alike. The first is thrown away: it warms up. */
const ROUNDS = 6
const MAPS = 5
/** The world in which Colyseus is met: 1,000 rooms, 20 of each map. */
const WORLD_MAPS = 50

export async function run(): Promise<Report> {
  await using stack = new AsyncDisposableStack()
  const services = await startServices(stack)
  const policies = new Map<MapName, MapPolicy>()
  const matchmaker = await startMatchmaker(stack, services, policies)
  const bare = stack.use(await BareLua.connect(services.redisUrl))
  await keepServer(stack, matchmaker.directory)
  const open = async (kind: string, count: number): Promise<MapName[]> => {
    const maps = Array.from({ length: count }, (_, n) => `${kind}-${n}`)
    for (const map of maps) {
      policies.set(map, policyOf(map, { capacity: { soft: SOFT, hard: HARD, company: COMPANY }, seat: { hold: '10m' } }))
      await openCopies(matchmaker.directory, map, COPIES)
    }
    await matchmaker.replica.refresh()
    return maps
  }
  const crowd = (maps: readonly MapName[], people: (map: MapName, count: number) => PlacementRequest[]): PlacementRequest[] =>
    maps.flatMap((map) => people(map, PLAYERS))

  const seconds = { seat: 0, firstFit: 0 }
  const plain: Placed[] = []
  const social: Placed[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const maps = await open(`plain${round}`, MAPS)
    const everybody = crowd(maps, strangers)
    const seat = await bare.seat(everybody, `bare${round}:`)
    const own = await placeAll(matchmaker, everybody)
    const company = await placeAll(matchmaker, crowd(await open(`social${round}`, MAPS), companions))
    const firstFit = await bare.firstFit(everybody, `first${round}:`)
    if (round === 0) continue
    seconds.seat += seat.seconds
    seconds.firstFit += firstFit.seconds
    plain.push(own)
    social.push(company)
  }
  const entering = await enterAll(matchmaker, services.databaseUrl, await open('enter', 1))
  const beside = await besideColyseus(matchmaker, services.redisUrl, await open('world', WORLD_MAPS))

  const count = ROUNDS * MAPS * PLAYERS
  const [own, company] = [together(plain), together(social)]
  const perSecond = count / own.seconds
  return {
    placementsPerSecond: Math.round(perSecond),
    ratioToRedisLimit: rounded(perSecond / (count / seconds.seat)),
    p50Ms: rounded(quantile(own.latenciesMs, 0.5)),
    p99Ms: rounded(quantile(own.latenciesMs, 0.99)),
    cpuMicrosPerPlacement: rounded(own.cpuMicros / count, 1),
    ratioToColyseus: beside.ratio,
    refused: own.refused,
    decisions: { stored: own.stored, dropped: own.dropped, perSecondUntilAllAreStored: Math.round(count / own.secondsUntilStored) },
    redisLimit: {
      seatScriptPerSecond: Math.round(count / seconds.seat),
      firstFitPerSecond: Math.round(count / seconds.firstFit),
      ratioToFirstFit: rounded(perSecond / (count / seconds.firstFit)),
    },
    social: {
      placementsPerSecond: Math.round(count / company.seconds),
      ratioToPlain: rounded(own.seconds / company.seconds),
      p99Ms: rounded(quantile(company.latenciesMs, 0.99)),
      refused: company.refused,
      partiesSplit: company.partiesSplit,
    },
    enter: { perSecond: Math.round(entering.count / entering.seconds), p99Ms: rounded(quantile(entering.latenciesMs, 0.99)) },
    colyseus: beside.report,
  }
}
