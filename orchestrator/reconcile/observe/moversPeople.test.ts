import { expect, it } from 'vitest'
import type { SocialProfile } from '../../../store/store.ts'
import { toyPolicy } from '../../plan/testing/toyPolicy.ts'
import { ToyWorld } from '../../plan/testing/toyWorld.ts'
import { MoversPeople } from './moversPeople.ts'

const log = { warn: () => undefined }

it('S6: reads the people of movers once a second, and goes on without the store', async () => {
  const world = new ToyWorld(toyPolicy())
  const copy = world.addCopy([{ character: 'a' }, { character: 'b' }])
  world.addCopy(Array.from({ length: 20 }, (_, n) => ({ character: `p${n}` })))
  for (let n = 0; n < 15 && world.copy(copy).copy.state === 'open'; n++) world.round()
  const asked: string[][] = []
  let down = false
  const people = new MoversPeople(async (characters) => {
    asked.push([...characters])
    if (down) throw new Error('no connection')
    return characters.map((character) => ({ character, friends: ['p1'], blocked: ['p2'] }) as unknown as SocialProfile) // the fields that are read
  }, log)
  const input = { ...world.input(), draining: new Set(['s1']) }
  for (const id of ['a', 'b']) world.seat(copy, { character: id })
  const first = await people.of(input)
  expect(first.get('a')).toMatchObject({ friends: new Set(['p1']), blocked: new Set(['p2']) })
  await people.of({ ...input, now: input.now + 999 })
  expect(asked).toEqual([['a', 'b']])
  expect((await people.of({ ...input, now: input.now + 1_000 })).get('a')).toMatchObject({ friends: new Set(['p1']) })
  expect(asked).toHaveLength(2)
  down = true
  expect((await people.of({ ...input, now: input.now + 20_000 })).size).toBe(0)
  expect(asked).toHaveLength(3)
})
