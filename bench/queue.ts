import { numberAfter } from './arguments.ts'
import { runStorm, type Waits } from './queue/storm.ts'
import { type Report, rounded } from './report.ts'
import { startServices } from './world/services.ts'

/** A login storm: the line is judged by the directory's events while matchmakers are killed. */
export const summary =
  '50,000 logins for 5,000 seats over several matchmakers, two of which are killed; --players N, --parties SHARE, --matchmakers N, --stay S, --poll S, --seed N'

const SEATS_PER_COPY = 100
/** Ten players log in for each seat. */
const PLAYERS_PER_SEAT = 10
/** Average stay in seconds. Real players stay longer. At half of this value, seats become free faster than two cores can assign them. */
const STAY_SECONDS = 30

export async function run(stack: AsyncDisposableStack, args: readonly string[]): Promise<Report> {
  const services = await startServices(stack)
  const players = numberAfter(args, '--players') ?? 50_000
  const copies = Math.max(1, Math.round(players / PLAYERS_PER_SEAT / SEATS_PER_COPY))
  const partyShare = numberAfter(args, '--parties') ?? 0
  if (partyShare > 1) throw new Error('--parties needs a share of the players, for example 0.3')
  const matchmakers = numberAfter(args, '--matchmakers') ?? 3
  const stayMs = (numberAfter(args, '--stay') ?? STAY_SECONDS) * 1_000
  const pollMs = (numberAfter(args, '--poll') ?? 45) * 1_000
  const { enqueueSeconds, totalSeconds, orderViolations, promotedWithoutSeat, etaCoverage, etaSooner, killed, singles, parties, ...counts } = await runStorm(
    { players, partyShare, copies, seatsPerCopy: SEATS_PER_COPY, matchmakers, stayMs, pollMs, seed: numberAfter(args, '--seed') ?? 1 },
    services,
  )
  return {
    enqueuePerSecond: Math.round(counts.logins / enqueueSeconds),
    orderViolations,
    promotedWithoutSeat,
    etaCoverage: rounded(etaCoverage),
    etaSooner: rounded(etaSooner),
    promotedPerSecond: Math.round(counts.promoted / totalSeconds),
    totalSeconds: Math.round(totalSeconds),
    players,
    partyShare,
    waitSecondsOfSingles: waits(singles),
    waitSecondsOfParties: waits(parties),
    seats: copies * SEATS_PER_COPY,
    matchmakers,
    staySeconds: stayMs / 1_000,
    pollSeconds: pollMs / 1_000,
    ...counts,
    killedWhile: killed.map((one) => `${one.while} (${one.waitingForItsAnswer} waiting for it)`).join(', '),
  }
}

function waits({ places, p50, p99 }: Waits): Report {
  return { places, p50: places === 0 ? null : rounded(p50), p99: places === 0 ? null : rounded(p99) }
}
