import { beforeAll, expect, it } from 'vitest'
import { run } from '../../simulate/faults/run.ts'
import type { ScenarioEvent } from '../../simulate/faults/scenarioEvent.ts'
import { type Keys, makeKeys } from '../../simulate/faults/world.ts'

/** Scenarios that once broke a rule, each shrunk to the events that suffice. */
let keys: Keys
beforeAll(async () => {
  keys = await makeKeys()
})

/** A player goes on at another device, on another map, while the body is still in the first copy. */
const otherDevice: ScenarioEvent[] = [
  { at: 1_000, do: 'enter', who: 0, map: 'forest' },
  { at: 8_000, do: 'enter', who: 0, map: 'hills' },
  { at: 8_002, do: 'restart', who: 0 },
]

async function history(events: ScenarioEvent[], { players = 1, parties = [] as number[][], tight = false, faultsEndAt = 0 } = {}): Promise<readonly string[]> {
  const last = Math.max(...events.map(({ at }) => at))
  const outcome = await run({ seed: 1, players, parties, tight, events, faultsEndAt: Math.max(faultsEndAt, last + 1_000) }, { keys, logs: true })
  expect(outcome.broken?.message).toBeUndefined()
  return outcome.history
}

it('D2: a player who leaves while the database is down is saved when it is back', async () => {
  const lines = await history([
    { at: 1_000, do: 'enter', who: 0, map: 'forest' },
    { at: 8_000, fault: 'crash', target: 'store', awaits: 0, backMs: 9_000 },
    { at: 10_000, do: 'leave', who: 0 },
  ])
  const places = ['store crashes', 'leave who 0', 'store starts', 'player-0 leaves at 1: done'].map((what) => lines.findIndex((line) => line.includes(what)))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
})

it('D1: a server that was paused for 9 s restores its copies once and keeps them', async () => {
  const lines = await history([
    { at: 1_000, do: 'enter', who: 0, map: 'forest' },
    { at: 9_000, fault: 'stall', target: 'server 0', awaits: 0, forMs: 9_000 },
  ])
  const back = lines.filter((line) => line.includes('restoring it'))
  expect(back.length).toBeGreaterThan(0)
  expect(new Set(back.map((line) => line.slice(line.indexOf('{')))).size).toBe(back.length)
})

it('D1: a directory outage longer than the timeout for silent servers loses no copy', async () => {
  const lines = await history([
    { at: 1_000, do: 'enter', who: 0, map: 'forest' },
    { at: 9_000, fault: 'stall', target: 'directory', awaits: 0, forMs: 8_000 },
  ])
  expect(lines.filter((line) => line.includes('restoring it'))).toEqual([])
})

it('S3, D1: a seat whose character is being claimed survives the loss of the directory and is not given to another player', async () => {
  for (let later = 0; later < 600; later += 60) {
    await history(
      [
        { at: 1_000, do: 'enter', who: 0, map: 'hills' },
        { at: 9_000, fault: 'slow', target: 'store', ms: 5_000, forMs: 3_000 },
        { at: 9_100, do: 'enter', who: 1, map: 'hills' },
        { at: 9_200, do: 'enter', who: 2, map: 'hills' },
        { at: 9_800 + later, fault: 'flush' },
        { at: 10_200 + later, do: 'enter', who: 3, map: 'hills' },
      ],
      { players: 4, tight: true, faultsEndAt: 22_000 },
    )
  }
})

it('D1: a player who leaves during a move whose source server stops is listed nowhere', async () => {
  await history(
    [
      { at: 1_000, do: 'enter', who: 0, map: 'forest' },
      { at: 5_000, fault: 'ambush', when: 'released', role: 'destination', awaits: 0, act: 'split store', forMs: 9_000 },
      { at: 5_000, fault: 'stop', target: 'server 0', deadlineMs: 1_500 },
      { at: 7_000, do: 'leave', who: 0 },
    ],
    { faultsEndAt: 12_000 },
  )
})

it('D1: a server that is silent during a split and still has players is not given back to its fleet, and does not count as empty', async () => {
  const lines = await history(
    [
      { at: 1_000, do: 'enter', who: 0, map: 'forest' },
      { at: 5_000, fault: 'split', target: 'server 0', from: 'directory', forMs: 25_000 },
    ],
    { faultsEndAt: 32_000 },
  )
  expect(lines.some((line) => line.includes('enters') || line.includes('claimed for forest'))).toBe(true)
  expect(lines.filter((line) => line.includes('gave back a server'))).toEqual([])
})

it('D2: a login to another map saves the body that is still in the first copy, and a rule finds the loss when it does not', async () => {
  const lines = await history(otherDevice)
  const places = ['leaves at 1: done', 'claimed for hills'].map((what) => lines.findIndex((line) => line.includes(what)))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places).not.toContain(-1)
  const outcome = await run({ seed: 1, players: 1, parties: [], tight: false, events: otherDevice, faultsEndAt: 9_000 }, { keys, bug: 'login without release' })
  expect(outcome.broken).toMatchObject({ rule: 'D2' })
})
