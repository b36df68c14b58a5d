import { expect, it } from 'vitest'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { plan } from '../plan/plan.ts'
import { toyPolicy } from '../plan/testing/toyPolicy.ts'
import { World } from './testing/world.ts'

it('F4, C5: the rules of fair play in a policy reach new copies and open ones, and a second round changes nothing', async () => {
  const world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 2 } }), [], plan)
  const applied: string[] = []
  world.parts.observer.applied = (action) => void applied.push(action)
  const obey = async (fairness: object, min: number): Promise<unknown[]> => {
    world.parts.policies = () => new Map([['forest', toyPolicy({ copies: { min, warm: 0 }, fairness })]])
    for (let second = 0; second < 4; second++) {
      await world.serversWork()
      await world.round(1_000)
    }
    return (await world.copies('forest')).map(({ state, fairness: rules }) => [state, rules])
  }
  expect(await obey({}, 1)).toEqual([['open', undefined]])
  const strict = { window: '30s', limits: { speed: { kick: 5 } } }
  const rules = { windowMs: 30_000, kinds: { speed: { kick: 5 } } }
  expect(await obey(strict, 2)).toEqual([
    ['open', rules],
    ['open', rules],
  ])
  applied.length = 0
  await obey(strict, 2)
  expect(applied).toEqual([])
  expect((await obey({}, 2)).map((copy) => (copy as unknown[])[1])).toEqual([undefined, undefined])
})
