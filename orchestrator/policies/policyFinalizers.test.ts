import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Census, MapCensus } from '../../model/census.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import { HeldPolicies } from '../../model/policy/heldPolicies.ts'
import { PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import { createLogger } from '../../service/log.ts'
import { until } from '../testing/until.ts'
import { FINALIZER, PolicyFinalizers } from './policyFinalizers.ts'
import { PolicyApi } from './testing/policyApi.ts'

const spec = { fleet: 'overworld', capacity: { soft: 8, hard: 10, company: 2 } }
const log = createLogger('test', 'silent')

let stack: AsyncDisposableStack
beforeEach(() => {
  stack = new AsyncDisposableStack()
})
afterEach(() => stack.disposeAsync())

function census(maps: ReadonlyMap<MapName, MapCensus>): Census {
  return { at: 0, maps, servers: new Map(), whereabouts: new Map() }
}
/** The map with this number of people in one copy, and in line. */
function peopled(people: number, waiting = 0): Census {
  const copy = { map: 'forest', server: 's', created: 0, since: 0, id: 'forest-0', state: 'open' as const, address: 'ws://s' }
  const seats = new Map(Array.from({ length: people }, (_, n) => [`c${n}`, { character: `c${n}` }])) as never // only their number counts here
  const copies: MapCensus['copies'] = new Map([['forest-0' as CopyId, { copy, seats, parties: new Map(), guilds: new Map(), languages: new Map() }]])
  return census(new Map([['forest', { map: 'forest', copies, waiting }]]))
}
const nobody = census(new Map())
const inLine = census(new Map([['forest', { map: 'forest', copies: new Map(), waiting: 1 }]]))

/** One process: what it reads of the objects, and the leader's work on them. */
async function processOf(api: PolicyApi) {
  const policies = stack.use(await PolicyObjects.connect({ config: api.config, namespace: 'strata', log, random: () => 0.5 }))
  let now = 1_000_000
  const finalizers = new PolicyFinalizers({ config: api.config, namespace: 'strata', policies, clock: { now: () => now }, log })
  return {
    policies,
    /** One check a second, for some seconds. */
    async check(seen: Census, seconds: number, ready = true): Promise<void> {
      for (let n = 0; n < seconds; n++) {
        now += 1_000
        await finalizers.apply({ census: () => seen, ready: () => ready })
      }
    },
  }
}

it('a deleted policy exists until its map has no players, no line and no copies for 10 s', async () => {
  const api = stack.use(await PolicyApi.start())
  api.create('forest', spec)
  const leader = await processOf(api)
  await leader.check(peopled(2), 1)
  expect(api.metadata('forest')?.finalizers).toEqual([FINALIZER])
  await until(() => leader.policies.validated().some(({ object }) => object.metadata?.finalizers !== undefined))

  api.delete('forest')
  await until(() => leader.policies.policies().size === 0)
  await leader.check(peopled(2), 30)
  await leader.check(peopled(0), 30)
  await leader.check(inLine, 30)
  await leader.check(nobody, 5)
  expect(api.metadata('forest')).toBeDefined()
  // An emptied directory or one that does not answer: the count starts again.
  await leader.check(peopled(2), 1)
  await leader.check(nobody, 9)
  await leader.check(nobody, 30, false)
  await leader.check(nobody, 10)
  expect(api.metadata('forest')).toBeDefined()
  await leader.check(nobody, 1)
  expect(api.metadata('forest')).toBeUndefined()
})

it('a process that starts while people play on the map of a deleted policy uses that policy', async () => {
  const api = stack.use(await PolicyApi.start())
  api.create('forest', spec)
  const leader = await processOf(api)
  await leader.check(nobody, 1)
  api.delete('forest')
  await until(() => leader.policies.deleted().size === 1)

  const { policies } = await processOf(api)
  const held = new HeldPolicies({ whileCopies: false, removed: () => policies.deleted() })
  expect(held.inForce(policies.policies(), nobody, 0).has('forest')).toBe(false)
  expect(held.inForce(policies.policies(), peopled(2), 0).get('forest')?.capacity).toMatchObject({ soft: 8, hard: 10, company: 2 })
})

it('a process that saw players before it has read the removed policy takes the policy, not the defaults, as soon as it has', async () => {
  const api = stack.use(await PolicyApi.start())
  api.create('forest', spec)
  const { policies } = await processOf(api)
  const real = policies.policies()
  let read = false
  const held = new HeldPolicies({ whileCopies: false, removed: () => (read ? real : new Map()) })
  expect(held.inForce(new Map(), peopled(2), 0).get('forest')?.version).toBe('removed')
  read = true
  const first = held.inForce(new Map(), peopled(2), 0).get('forest')
  expect(first?.version).toBe(real.get('forest')?.version)
  expect(held.inForce(new Map(), peopled(2), 1).get('forest')).toBe(first)
})

it('a write keeps the finalizers of others, and writes nothing over a change that it has not read', async () => {
  const api = stack.use(await PolicyApi.start())
  api.create('forest', spec, ['example.org/backup'])
  const leader = await processOf(api)
  const late = await processOf(api)
  await late.policies[Symbol.asyncDispose]() // it reads no changes any more
  await leader.check(nobody, 1)
  expect(api.metadata('forest')?.finalizers).toEqual(['example.org/backup', FINALIZER])
  api.setFinalizers('forest', ['example.org/backup', 'example.org/mirror'])
  await late.check(nobody, 1)
  expect(api.metadata('forest')?.finalizers).toEqual(['example.org/backup', 'example.org/mirror'])
})

it('two leaders for a moment: the finalizer is set once', async () => {
  const api = stack.use(await PolicyApi.start())
  api.create('forest', spec)
  const [one, other] = [await processOf(api), await processOf(api)]
  await Promise.all([one.check(nobody, 1), other.check(nobody, 1)])
  expect(api.metadata('forest')?.finalizers).toEqual([FINALIZER])
})
