import type { z } from 'zod'
import type { MapName } from '../../model/ids.ts'
import { decisionsResponse, statusResponse } from '../../model/wire/admin.ts'
import type { decisionRecord } from '../../model/wire/decision.ts'
import type { AskOrchestrator } from '../orchestratorOptions.ts'
import type { Resource } from './resource.ts'

export type DecisionRow = z.infer<typeof decisionRecord>

/** Decisions of each map that `strata get decisions` asks for. */
const PER_MAP = 50

export const decisions: Resource<DecisionRow> = {
  names: ['decisions', 'decision', 'events'],
  about: `the last ${PER_MAP} decisions of each map, oldest first`,
  needsToken: true,
  columns: [
    { head: 'TIME', of: ({ at }) => new Date(at).toISOString().slice(0, 19).replace('T', ' ') },
    { head: 'KIND', of: ({ kind }) => kind },
    { head: 'MAP', of: ({ map }) => map },
    { head: 'COPY', of: ({ copy }) => copy ?? '-' },
    { head: 'PEOPLE', align: 'right', of: ({ characters }) => String(characters.length) },
    { head: 'REASON', of: ({ reason }) => reason },
    { head: 'POLICY', wide: true, of: ({ policyVersion }) => policyVersion },
    { head: 'ID', wide: true, of: ({ id }) => id },
  ],
  key: ({ id }) => id,
  read: async (request, { map, copy }) => {
    const maps = map === undefined ? (await request({ path: '/v1/status', answer: statusResponse })).maps.map((one) => one.map) : [map]
    const all = await Promise.all(maps.map((one) => decisionsOf(request, one, PER_MAP)))
    return all
      .flat()
      .filter((decision) => copy === undefined || decision.copy === copy)
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  },
}

/** Newest first. */
export async function decisionsOf(request: AskOrchestrator, map: MapName, limit: number): Promise<DecisionRow[]> {
  const path = `/v1/decisions?${new URLSearchParams({ map, limit: String(limit) })}`
  return (await request({ path, answer: decisionsResponse })).decisions
}
