import { describe, expect, it } from 'vitest'
import type { MapCensus } from '../../model/census.ts'
import { validateSpec } from '../../service/kubernetes/policyObject.ts'
import type { ValidatedPolicy } from '../../service/kubernetes/policyObjects.ts'
import { statusOfPolicy } from './policyStatus.ts'

const spec = { fleet: 'overworld', capacity: { soft: 8, hard: 10 }, copies: { min: 2 } }
const later = 1_700_000_000_000
const metadata = { name: 'forest', generation: 3 }

function validated(object: ValidatedPolicy['object'] = { metadata, spec }): ValidatedPolicy {
  const found = validateSpec('forest', object.spec)
  return { object, ...found }
}
function census(...states: ('open' | 'opening' | 'closing')[]): MapCensus {
  const base = { map: 'forest', server: 's', created: 0, since: 0 }
  const copies = states.map((state, i) => {
    const id = `forest-${i}`
    const copy =
      state === 'opening'
        ? { ...base, id, state }
        : state === 'open'
          ? { ...base, id, state, address: 'ws://s' }
          : { ...base, id, state, address: 'ws://s', reason: 'merge' as const, deadline: 0, successors: [] }
    return [id, { copy, seats: new Map(), parties: new Map(), guilds: new Map(), languages: new Map() }] as const
  })
  return { map: 'forest', copies: new Map(copies), waiting: 4 }
}
const verdicts = (status: ReturnType<typeof statusOfPolicy>) => Object.fromEntries((status.conditions ?? []).map((one) => [one.type, one]))

describe('status of a MapPolicy', () => {
  it('counts the copies, and is Ready when the minimum number of copies is open', () => {
    const input = { validated: validated(), servers: [{ fleet: 'overworld' }], now: later }
    const few = statusOfPolicy({ ...input, census: census('open', 'opening', 'closing') })
    expect(few).toMatchObject({ observedGeneration: 3, copies: 2, closing: 1, players: 0, line: 4 })
    expect(verdicts(few)).toMatchObject({ Accepted: { status: 'True', reason: 'Valid' }, Ready: { status: 'False', reason: 'Opening' } })
    expect(verdicts(statusOfPolicy({ ...input, census: census('open', 'open') }))['Ready']).toMatchObject({ status: 'True' })
    expect(verdicts(statusOfPolicy({ ...input, servers: [], census: undefined }))['Ready']).toMatchObject({
      reason: 'NoServer',
      message: expect.stringContaining('"overworld"'),
    })
  })

  it('says of a deleted object that its policy stays in force while people play', () => {
    const deleted = validated({ metadata: { ...metadata, deletionTimestamp: new Date(later) }, spec })
    const status = statusOfPolicy({ validated: deleted, census: census('open', 'open'), servers: [], now: later })
    expect(verdicts(status)['Ready']).toMatchObject({ status: 'False', reason: 'Deleted', message: expect.stringContaining('nobody plays') })
  })

  it('D4: names the problem of the newest spec and the version that stays in force', () => {
    const good = validated()
    const wrong = validated({ metadata: { ...metadata, generation: 4 }, spec: { ...spec, capacity: { soft: 12, hard: 10 } } })
    const problem = 'problem' in wrong ? wrong.problem : undefined
    expect(problem).toContain('capacity')
    const status = statusOfPolicy({
      validated: { ...good, ...wrong, policy: good.policy, spec: good.spec } as ValidatedPolicy,
      census: undefined,
      servers: [],
      now: later,
    })
    expect(status).toMatchObject({ observedGeneration: 4, policyVersion: good.policy?.version, lastAccepted: spec })
    expect(verdicts(status)['Accepted']).toMatchObject({ status: 'False', message: expect.stringContaining(`version ${good.policy?.version} stays in force`) })
    expect(verdicts(statusOfPolicy({ validated: wrong, census: undefined, servers: [], now: later }))['Accepted']?.message).toContain('the map has no policy')
  })

  it('a condition keeps its transition time while its status does not change', () => {
    const first = statusOfPolicy({ validated: validated(), census: census('open', 'open'), servers: [], now: later })
    const again = validated({ metadata, spec, status: first })
    expect(statusOfPolicy({ validated: again, census: census('open', 'open'), servers: [], now: later + 60_000 })).toEqual(first)
    const changed = verdicts(statusOfPolicy({ validated: again, census: census(), servers: [], now: later + 60_000 }))
    expect(changed['Ready']?.lastTransitionTime).not.toBe(verdicts(first)['Ready']?.lastTransitionTime)
    expect(changed['Accepted']).toEqual(verdicts(first)['Accepted'])
  })
})
