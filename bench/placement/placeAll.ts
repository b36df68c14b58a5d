import { setTimeout as pause } from 'node:timers/promises'
import { clauseOf, recordDecision } from '../../matchmaker/placement/decisions.ts'
import { placeParty } from '../../matchmaker/placement/placeParty.ts'
import type { PlacementRequest } from '../../model/placement/placement.ts'
import { inFlight } from '../report.ts'
import type { BenchMatchmaker } from '../world/matchmaker.ts'
import { WIDTH } from './size.ts'

export interface Placed {
  seconds: number
  /** Also includes the time until PostgreSQL has stored the last decision. The writer is asynchronous; no placement waits for it. */
  secondsUntilStored: number
  latenciesMs: number[]
  /** CPU time of this process, including garbage collection and the database driver. */
  cpuMicros: number
  refused: number
  stored: number
  dropped: number
  partiesSplit: number
}

/** Scores, takes a seat and records a decision for each request, as `matchmaker/flows/enter.ts` does, with `width` requests in flight. */
export async function placeAll({ parts, decisions }: BenchMatchmaker, requests: readonly PlacementRequest[], width = WIDTH): Promise<Placed> {
  const copyOf = new Map<string, Set<string>>()
  const droppedBefore = decisions.dropped
  let refused = 0
  const cpu = process.cpuUsage()
  const began = performance.now()
  const { seconds, latenciesMs } = await inFlight(requests.length, width, async (n) => {
    const request = requests[n]
    const policy = parts.policies().get(request?.map ?? '')
    if (request === undefined || policy === undefined) throw new Error('a request names a map without a policy')
    const { seat, ranking } = await placeParty(parts, request, policy)
    if (seat === undefined) {
      refused++
      return
    }
    const chosen = ranking.candidates.find(({ copy }) => copy === seat.copy)
    const reason = `${request.members[0]?.holder.name} asked to enter ${request.map}; best that fitted: ${clauseOf(chosen)}.`
    recordDecision(parts, request, policy, { kind: 'place', copy: seat.copy, candidates: ranking.candidates, reason })
    if (request.party !== undefined) copyOf.set(request.party, (copyOf.get(request.party) ?? new Set()).add(seat.copy))
  })
  const { user, system } = process.cpuUsage(cpu)
  while (decisions.depth > 0) await pause(5)
  const dropped = decisions.dropped - droppedBefore
  return {
    seconds,
    secondsUntilStored: (performance.now() - began) / 1000,
    latenciesMs,
    cpuMicros: user + system,
    refused,
    stored: requests.length - refused - dropped,
    dropped,
    partiesSplit: [...copyOf.values()].filter((copies) => copies.size > 1).length,
  }
}

export function together(rounds: readonly Placed[]): Placed {
  const sum = (of: (round: Placed) => number): number => rounds.reduce((total, round) => total + of(round), 0)
  return {
    seconds: sum((round) => round.seconds),
    secondsUntilStored: sum((round) => round.secondsUntilStored),
    latenciesMs: rounds.flatMap((round) => round.latenciesMs).sort((a, b) => a - b),
    cpuMicros: sum((round) => round.cpuMicros),
    refused: sum((round) => round.refused),
    stored: sum((round) => round.stored),
    dropped: sum((round) => round.dropped),
    partiesSplit: sum((round) => round.partiesSplit),
  }
}
