import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { defined } from '../../model/defined.ts'
import type { CharacterId, CopyId } from '../../model/ids.ts'
import { scoreOf } from '../../score/day/daySums.ts'
import { MemoryFleets } from '../../test/contract/memoryFleets.ts'
import { policy, World } from '../reconcile/testing/world.ts'
import { figureMetrics } from './figureMetrics.ts'
import { LiveScore } from './liveScore.ts'
import { Population } from './population.ts'

const known: Record<string, CharacterId[]> = { ann: ['cid'], cid: ['ann'] }

async function scoredWorld(friends = known) {
  const world = await World.of(new MemoryFleets({ overworld: { replicas: 2, rooms: 4 } }), [policy('forest')])
  const [first, second] = await world.forest(2)
  if (first === undefined || second === undefined) throw new Error('the copies did not open')
  const parts = {
    census: world.parts.census,
    policies: () => world.policies,
    friendsOf: async (characters: readonly CharacterId[]) => new Map(characters.map((character) => [character, friends[character] ?? []])),
    saltsOf: async () => new Map<CharacterId, string>(),
    clock: world.clock,
  }
  const score = new LiveScore(parts)
  let population = new Population(parts)
  const sample = async (): Promise<void> => {
    const changes = await population.sample()
    if (changes !== undefined) score.apply(changes)
  }
  const pause = (): void => {
    population = new Population(parts)
    score.pause()
  }
  let entity = 0
  const enter = async (copy: CopyId, character: CharacterId, more: { guild?: string; party?: string; language?: string } = {}): Promise<void> => {
    const [now, { guild, party, language = 'en' }] = [world.clock.now(), more]
    const holders = [defined({ character, entity: ++entity, name: character, language, guild, party })]
    await world.directory.holdSeats({ map: 'forest', holders, options: [{ copy, limit: 10 }], now, deadline: now + 5_000 })
    await world.directory.takeSeat('forest', copy, character, now)
  }
  /** Lets time pass after the world was sampled as it is. */
  const pass = async (seconds: number): Promise<void> => {
    await world.refresh()
    await sample()
    world.clock.advance(seconds * 1_000)
    await sample()
  }
  return { world, score, enter, pass, pause, present: () => population.present, first, second }
}

it('measures guild-mates, friends, parties and languages by what the seats say, second by second', async () => {
  const { world, score, enter, pass, first, second } = await scoredWorld()
  await enter(first.id, 'ann', { guild: 'g', party: 'p', language: 'de' })
  await enter(first.id, 'ben', { guild: 'g', party: 'p', language: 'de' })
  await enter(second.id, 'cid', { guild: 'g' })
  await pass(10)
  expect(score.sums()).toMatchObject({
    ...{ seconds: 10, guildSame: 10, guildAll: 30, friendSame: 0, friendAll: 10, partySame: 10, partyAll: 10 },
    ...{ players: 30, copies: 20, need: 10, language: 30, languageBest: 30 },
  })
  // Cid joins them: by its own wish, so that no move counts.
  await world.directory.freeSeat('forest', second.id, 'cid')
  await enter(first.id, 'cid', { guild: 'g' })
  await pass(10)
  expect(score.sums()).toMatchObject({ guildSame: 40, guildAll: 60, friendSame: 10, friendAll: 20, moves: 0 })
  score.settled({ id: 'm', cause: 'merge', state: 'done', members: 2 })
  score.settled({ id: 'n', cause: 'travel', state: 'done', members: 1 })
  score.settled({ id: 'o', cause: 'merge', state: 'failed', members: 1 })
  score.settled({ id: 'p', cause: 'relief', state: 'done', members: 1 })
  expect(scoreOf(score.sums())).toMatchObject({ moves: 3, forcedMovesPerPlayerHour: (3 * 3600) / 60 })
})

it('a friendship that is made while one of the two is in the world counts for both when the other one comes', async () => {
  const friends: typeof known = {}
  const { score, enter, pass, present, first } = await scoredWorld(friends)
  await enter(first.id, 'ann')
  await pass(10)
  Object.assign(friends, known)
  await enter(first.id, 'cid')
  await pass(10)
  expect(score.sums()).toMatchObject({ friendSame: 10, friendAll: 10 })
  // Ann's list has it, too: she may leave the layered maps and come back.
  expect(['ann', 'cid'].map((character) => present().get(character)?.friends)).toEqual([['cid'], ['ann']])
})

it('counts nothing while another process leads, and goes on from its sums', async () => {
  const { world, score, enter, pass, pause, first } = await scoredWorld()
  await enter(first.id, 'ann')
  await pass(10)
  pause()
  world.clock.advance(1_000_000)
  expect(score.sums().players).toBe(10)
  await pass(5)
  expect(score.sums()).toMatchObject({ seconds: 15, players: 15 })
  await world.directory.freeSeat('forest', first.id, 'ann')
  await pass(5)
  expect(score.sums()).toMatchObject({ seconds: 20, players: 15 })
  const registry = new Registry()
  figureMetrics(registry, () => score.sums())
  expect(await registry.getSingleMetricAsString('strata_player_seconds_total')).toContain('strata_player_seconds_total 15')
})
