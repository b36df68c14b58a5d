import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import type { PlacementRequest, Ranking } from '../../model/placement/placement.ts'
import type { MapPolicy } from '../../model/policy/policy.ts'
import type { LineAnswer } from '../../model/wire/matchmaker.ts'
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

/** Nothing fitted: a place in line, or an honest refusal at once (LINE_FULL, or what waiting would not change). */
export async function joinLine(
  parts: Parts,
  request: PlacementRequest,
  policy: MapPolicy,
  { rank, ranking, destination, travel }: LineOptions,
): Promise<LineAnswer> {
  const { candidates } = ranking
  const holders = request.members.map(({ holder }) => holder)
  const [asker] = holders
  const refusal = asker === undefined ? new StrataError('BAD_REQUEST', { problem: 'nobody to place' }) : cannotBeServed(request, ranking, policy)
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
    asCompany: request.asCompany === true ? true : undefined,
    travel: travel === true ? true : undefined,
  })
  const place = await parts.directory.joinLine(entry, policy.queue.max)
  if (place === undefined) {
    throw refuse(parts, request, policy, { error: new StrataError('LINE_FULL', { max: policy.queue.max }), candidates })
  }
  recordDecision(parts, request, policy, {
    kind: 'wait',
    candidates,
    reason: `${asker.name} asked ${destination.purpose}; ${whyWaiting(policy, holders.length)}, so they wait in line.`,
    inputs: { rank, line: entry.id },
  })
  parts.metrics.placements.inc({ result: 'line' })
  // Who asks again has the ticket of the place that they have: with the old time of arrival, should the directory lose the line.
  return lineAnswer(parts, { ...entry, arrived: place.arrived, rank: place.rank }, policy)
}

/** One place for one wish: whoever asks again, having lost the ticket, stands where they stood; also when the one whom they come to went elsewhere. */
function idOf(character: CharacterId, { copy }: PlacementRequest, { beside }: Pick<Destination, 'beside'>): string {
  const whom = beside ?? copy
  return whom === undefined ? character : `${character}@${whom}`
}

function whyWaiting({ kind }: MapPolicy, count: number): string {
  if (kind === 'instance') return 'theirs is not open yet'
  return `no copy had a seat for ${count === 1 ? 'them' : `all ${count}`}`
}
