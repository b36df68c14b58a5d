import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { traceSchedules } from './trace.ts'

it('bots of a recorded day have friends whom they meet on a map; friendship is mutual', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-trace-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'day.csv')
  // Ten avatars are in zone 1 in the first half of the day, ten others in zone 2; another one is alone in zone 3.
  const rows = Array.from({ length: 20 }, (_, n) => `1,${n + 1},0,${n < 10 ? 1 : 2},0,71`)
  await writeFile(file, ['realm,avatar,guild,zone,t0,t1', ...rows, '1,21,0,3,72,80'].join('\n'))
  const schedules = await traceSchedules({ file, speed: 600, scale: 1, seed: 1, maps: ['forest', 'hills', 'marsh'] })
  const friends = new Map(schedules.map(({ person }) => [person.name, person.friends]))
  expect(friends.get('A21')).toEqual([])
  for (const [name, list] of friends) {
    for (const friend of list) expect(friends.get(friend), `${name} and ${friend}`).toContain(name)
    const others = (from: number): boolean => list.every((friend) => Number(friend.slice(1)) > from && Number(friend.slice(1)) <= from + 10)
    if (name !== 'A21') expect(others(Number(name.slice(1)) <= 10 ? 0 : 10), `${name}: ${list}`).toBe(true)
  }
  expect([...friends.values()].flat().length).toBeGreaterThan(20)
})
