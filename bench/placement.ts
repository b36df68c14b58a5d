import type { MapName } from '../model/ids.ts'
import type { PlacementRequest } from '../model/placement/placement.ts'
import type { MapPolicy } from '../model/policy/policy.ts'
import { BareLua } from './placement/bareLua.ts'
import { besideColyseus } from './placement/besideColyseus.ts'
import { enterAll } from './placement/enterAll.ts'
import { type Placed, placeAll, together } from './placement/placeAll.ts'
import { companions, parties, strangers } from './placement/players.ts'
import { SeatMicros } from './placement/seatMicros.ts'
import { COMPANY, COPIES, HARD, PLAYERS, SOFT } from './placement/size.ts'
import { quantile, type Report, rounded } from './report.ts'
import { keepServer, openCopies, policyOf } from './world/maps.ts'
import { startMatchmaker } from './world/matchmaker.ts'
import { startServices } from './world/services.ts'

/** Places single players through the production code: score, atomic seat, stored decision. */
export const summary = 'one placement: score, atomic seat, stored decision'
export const peer = 'the bare seat script in Redis, and joinOrCreate of Colyseus'

/** Measured rounds. All variants take turns, so that other load on the machine affects them equally. One more round before them warms up. */
const ROUNDS = 6
/** Maps per variant and round. */
const MAPS = 5
/** Copies of the big map on which the work of Redis for one placement is measured, and placements there. */
const BIG_MAP = 1_000
const MEASURED_SEATS = 1_000
const PARTY_SIZE = 5
/** Maps in the comparison with Colyseus: 1,000 rooms, 20 per map. */
const WORLD_MAPS = 50

export async function run(stack: AsyncDisposableStack): Promise<Report> {
  const services = await startServices(stack)
  const policies = new Map<MapName, MapPolicy>()
  const matchmaker = await startMatchmaker(stack, services, policies)
  const bare = stack.use(await BareLua.connect(services.redisUrl))
  await keepServer(stack, matchmaker.directory)
  const open = async (kind: string, count: number, copies = COPIES): Promise<MapName[]> => {
    const maps = Array.from({ length: count }, (_, n) => `${kind}-${n}`)
    for (const map of maps) {
      policies.set(map, policyOf(map, { capacity: { soft: SOFT, hard: HARD, company: COMPANY }, seat: { hold: '10m' } }))
      await openCopies(matchmaker.directory, map, copies)
    }
    await matchmaker.replica.refresh()
    return maps
  }
  const requestsFor = (maps: readonly MapName[], people: (map: MapName, count: number) => PlacementRequest[]): PlacementRequest[] =>
    maps.flatMap((map) => people(map, PLAYERS))

  const seconds = { seat: 0, firstFit: 0 }
  const plain: Placed[] = []
  const social: Placed[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const maps = await open(`plain${round}`, MAPS)
    const requests = requestsFor(maps, strangers)
    const seat = await bare.seat(requests, `bare${round}:`)
    const own = await placeAll(matchmaker, requests)
    const company = await placeAll(matchmaker, requestsFor(await open(`social${round}`, MAPS), companions))
    const firstFit = await bare.firstFit(requests, `first${round}:`)
    if (round === 0) continue
    seconds.seat += seat.seconds
    seconds.firstFit += firstFit.seconds
    plain.push(own)
    social.push(company)
  }
  const micros = stack.use(await SeatMicros.connect(services.redisUrl))
  const [small = '', big = '', forParties = ''] = [...(await open('small', 1)), ...(await open('big', 1, BIG_MAP)), ...(await open('parties', 1, BIG_MAP))]
  const seatMicros = {
    singleOn20: await micros.of(matchmaker, strangers(small, MEASURED_SEATS)),
    singleOn1000: await micros.of(matchmaker, strangers(big, MEASURED_SEATS)),
    partyOf5On1000: await micros.of(matchmaker, parties(forParties, MEASURED_SEATS, PARTY_SIZE)),
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
    redisPerSeat: seatMicros,
    enter: { perSecond: Math.round(entering.count / entering.seconds), p99Ms: rounded(quantile(entering.latenciesMs, 0.99)) },
    colyseus: beside.report,
  }
}
