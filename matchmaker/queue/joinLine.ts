import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { LineAnswer } from '../../model/wire/matchmaker.ts'
import { traced } from '../../service/observe/trace.ts'
import type { Parts } from '../parts.ts'
import { cannotBeServed } from '../placement/cannotBeServed.ts'
import { recordDecision } from '../placement/decisions.ts'
import type { Destination } from '../placement/destination.ts'
import { refuse } from '../placement/refuse.ts'
import { lineAnswer } from './lineAnswer.ts'

interface LineOptions {
  rank: number
  ranking: Ranking
  destination: Pick<Destination, 'purpose' | 'beside'>
  travel?: boolean
}

/** Joins the line when no copy has a seat. Throws LINE_FULL, or the error of `cannotBeServed` when waiting would not help. */
export async function joinLine(
  parts: Parts,
  request: PlacementRequest,
  policy: MapPolicy,
  { rank, ranking, destination, travel }: LineOptions,
): Promise<LineAnswer> {
  const { candidates } = ranking
  const holders = request.members.map(({ holder }) => holder)
  const [asker] = holders
  const refusal =
    asker === undefined ? new StrataError('BAD_REQUEST', { problem: 'the request has no members to place' }) : cannotBeServed(request, ranking, policy)
  if (asker === undefined || refusal !== undefined) throw refuse(parts, request, policy, { error: refusal ?? new StrataError('NO_SERVER'), candidates })
  const now = parts.clock.now()
  const entry: LineEntry = defined({
    id: idOf(asker.character, request, destination),
    map: policy.map,
    rank,
    arrived: now,
    holders,
    keepUntil: now + policy.queue.graceMs,
    protocol: request.protocol,
    ageingMs: policy.queue.ageingMs,
    idleReleaseMs: policy.queue.idleReleaseMs,
    latencyMs: request.latencyMs,
    region: request.region,
    beside: destination.beside,
    copy: request.copy,
    instanceKey: request.instanceKey,
    asCompany: request.asCompany === true ? true : undefined,
    travel: travel === true ? true : undefined,
  })
  const place = await traced('join line', { attributes: { 'strata.map': policy.map } }, () => parts.directory.joinLine(entry, policy.queue.max, now))
  if (place === undefined) {
    throw refuse(parts, request, policy, { error: new StrataError('LINE_FULL', { max: policy.queue.max }), candidates })
  }
  recordDecision(parts, request, policy, {
    kind: 'wait',
    candidates,
    reason: `${asker.name} asked ${destination.purpose}; ${whyWaiting(request, policy)}, so they wait in line.`,
    inputs: { rank, line: entry.id },
  })
  parts.metrics.placements.inc({ result: 'line' })
  // A repeated request gets a ticket with the original time of arrival, which restores the place if the directory loses the line.
  return lineAnswer(parts, { ...entry, arrived: place.arrived, rank: place.rank }, policy)
}

/** One place per target, also per key of an instance: a player who lost the ticket and asks again keeps the place, also when the friend to join went to another copy. */
function idOf(character: CharacterId, { copy, instanceKey }: PlacementRequest, { beside }: Pick<Destination, 'beside'>): string {
  const whom = beside ?? copy ?? instanceKey
  return whom === undefined ? character : `${character}@${whom}`
}

function whyWaiting({ members, instanceKey }: PlacementRequest, { kind }: MapPolicy): string {
  if (instanceKey !== undefined) return 'the instance with this key is not open yet or has no seat for them'
  if (kind === 'instance') return 'the instance of their party is not open yet'
  return `no copy had a seat for ${members.length === 1 ? 'them' : `all ${members.length}`}`
}
