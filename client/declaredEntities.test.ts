import { expectTypeOf, it } from 'vitest'
import { defineEntities } from '../model/wire/entities/defineEntities.ts'
import type { EntityView } from '../model/wire/snapshot.ts'
import type { RoomState, ShownEntity, StrataClient, World } from './index.ts'

const entities = defineEntities({
  dimensions: 3,
  fields: {
    health: { type: 'number', min: 0, max: 100, step: 1 },
    mounted: { type: 'bool', seenBy: 'party' },
  },
})
type Seen<W> = W extends World<RoomState, infer E> ? ShownEntity<E>['latest'] : never

it("a client that is given the game's declaration has its fields as types; without one it has those of every entity", () => {
  type Game = Awaited<ReturnType<StrataClient<RoomState, typeof entities>['enter']>>
  expectTypeOf<Seen<Game>>().toExtend<EntityView & { health: number; mounted: boolean | undefined; z: number }>()
  expectTypeOf<NonNullable<ReturnType<Game['entities']['get']>>['health']>().toEqualTypeOf<number>()
  expectTypeOf<NonNullable<ReturnType<Game['entityAt']>>['latest']['mounted']>().toEqualTypeOf<boolean | undefined>()

  type Plain = Awaited<ReturnType<StrataClient['enter']>>
  expectTypeOf<NonNullable<ReturnType<Plain['entities']['get']>>>().toEqualTypeOf<EntityView>()
})
