import { isDeepStrictEqual } from 'node:util'
import type { Census, CopyCensus } from '../../model/census.ts'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId, MapName } from '../../model/ids.ts'
import type { Hold } from '../../model/placement/hold.ts'
import type { Policies } from '../../model/policy/policy.ts'
import type { StatusResponse } from '../../model/wire/admin.ts'
import type { Flow, LiveCopy, LiveDelta, LiveMap, LiveTotals, LiveWorld } from '../../model/wire/live.ts'

export interface ViewInput {
  leader: boolean
  ready: boolean
  census: Census
  policies: Policies
  policyErrors: ReadonlyMap<MapName, string>
  servers: StatusResponse['servers']
  holds: readonly Hold[]
  totals: LiveTotals
}

/** The world as the console shows it, without data of single players. */
export function worldView({ leader, ready, census, policies, policyErrors, servers, holds, totals }: ViewInput): LiveWorld {
  const copies: LiveCopy[] = []
  for (const { copies: ofMap } of census.maps.values()) for (const copy of ofMap.values()) copies.push(liveCopy(copy))
  const names = [...new Set([...census.maps.keys(), ...policies.keys(), ...policyErrors.keys()])].sort()
  const maps = names.map((map): LiveMap => {
    const policy = policies.get(map)
    const { soft, hard } = policy?.capacity ?? { soft: 0, hard: 0 }
    return defined({
      map,
      kind: policy?.kind ?? 'zone',
      soft,
      hard,
      waiting: census.maps.get(map)?.waiting ?? 0,
      policyVersion: policy?.version ?? 'none',
      policyError: policyErrors.get(map),
    })
  })
  return { leader, ready, maps, copies, servers: servers.map(({ copies: _, ...server }) => server), holds: [...holds], totals }
}

export function liveCopy({ copy, seats }: CopyCensus): LiveCopy {
  let players = 0
  for (const { state } of seats.values()) if (state === 'taken') players++
  const { id, map, server, state, created, since, party } = copy
  const closing = copy.state === 'closing' ? { reason: copy.reason, deadline: copy.deadline, successors: copy.successors } : {}
  return defined({ id, map, server, state, players, held: seats.size - players, created, since, party, ...closing })
}

/** What changed. Undefined: nothing. */
export function changes(before: LiveWorld, after: LiveWorld, flows: Flow[]): LiveDelta | undefined {
  const known = new Map(before.copies.map((copy) => [copy.id, copy]))
  const copies = after.copies.filter((copy) => !isDeepStrictEqual(known.get(copy.id), copy))
  for (const { id } of after.copies) known.delete(id)
  const gone = [...known.keys()]
  const same = <K extends keyof LiveWorld>(key: K): boolean => isDeepStrictEqual(before[key], after[key])
  const delta: LiveDelta = defined({
    leader: same('leader') ? undefined : after.leader,
    ready: same('ready') ? undefined : after.ready,
    maps: same('maps') ? undefined : after.maps,
    servers: same('servers') ? undefined : after.servers,
    holds: same('holds') ? undefined : after.holds,
    totals: same('totals') ? undefined : after.totals,
    copies: copies.length === 0 ? undefined : copies,
    gone: gone.length === 0 ? undefined : gone,
    flows: flows.length === 0 ? undefined : flows,
  })
  return Object.keys(delta).length === 0 ? undefined : delta
}

/** Follows where characters are, to see who went from one copy to another. */
export class FlowCounter {
  readonly #at = new Map<CharacterId, CopyId>()

  /** Characters that are in another copy than at the last call, by pair of copies. */
  count(whereabouts: Census['whereabouts']): Flow[] {
    const flows = new Map<string, Flow>()
    for (const [character, { copy }] of whereabouts) {
      const before = this.#at.get(character)
      if (before === copy) continue
      this.#at.set(character, copy)
      if (before === undefined) continue
      const flow = flows.get(`${before} ${copy}`) ?? [before, copy, 0]
      flow[2]++
      flows.set(`${before} ${copy}`, flow)
    }
    if (this.#at.size > whereabouts.size) for (const character of this.#at.keys()) if (!whereabouts.has(character)) this.#at.delete(character)
    return [...flows.values()]
  }
}
