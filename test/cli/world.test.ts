import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defined } from '../../model/defined.ts'
import { ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { freshStore } from '../freshStore.ts'
import { makeCharacter } from '../people.ts'
import { strata } from './terminal.ts'

let database: Awaited<ReturnType<typeof freshStore>>
let world: ServedWorld
let environment: { STRATA_ORCHESTRATOR: string; OPERATOR_TOKEN: string }

beforeAll(async () => {
  database = await freshStore()
})
afterAll(() => database[Symbol.asyncDispose]())

beforeEach(async () => {
  world = new ServedWorld(database.store)
  const { url, leading } = await world.orchestrator({ adminToken: 's3cret', spec: { capacity: { soft: 80, hard: 100, company: 2 }, merge: { minAge: '1s' } } })
  environment = { STRATA_ORCHESTRATOR: url, OPERATOR_TOKEN: 's3cret' }
  await until(async () => leading() && (await world.open()) === 2)
})
afterEach(() => world[Symbol.asyncDispose]())

/** Gives characters taken seats and presence in a copy, as a game server does when they enter. */
async function enter(copy: string, names: readonly string[], party?: string): Promise<void> {
  for (const name of names) await makeCharacter(database.store, { name })
  const now = Date.now()
  const holders = names.map((name, index) => defined({ character: name, entity: index + 1, name, language: 'en', party }))
  expect(await world.directory.holdSeats({ map: 'forest', holders, options: [{ copy, limit: 10 }], now, deadline: now + 60_000 })).toBe(copy)
  for (const { character } of holders) await world.directory.takeSeat('forest', copy, character, now)
}

/** Carries out the ordered moves of all servers as game servers do: the seat at the destination is taken, that at the source is freed. */
async function carryOutMoves(): Promise<void> {
  for (const server of world.fleets.servers.keys()) {
    for (const { id, cause, members, from, to } of await world.directory.movesFor(server)) {
      for (const { character } of members) {
        await world.directory.takeSeat(to.map, to.copy, character, Date.now())
        await world.directory.freeSeat(from.map, from.copy, character)
      }
      await world.directory.settleMove(server, { id, cause, state: 'done', members: members.length })
    }
  }
}

const open = async (): Promise<string> => (await strata(['open', 'forest', '--reason', 'a stream starts'], { environment })).out.split(':')[0] ?? ''

describe('strata get -w', () => {
  it('follows a merge: a copy opens, its player is moved, and it is removed', { timeout: 240_000 }, async () => {
    const stopping = new AbortController()
    let opened = 'none'
    let shownClosing = false
    const seen = (out: string): void => {
      shownClosing ||= new RegExp(`^${opened} .* closing `, 'm').test(out)
      if (new RegExp(`^${opened} .* removed `, 'm').test(out)) stopping.abort()
    }
    const watching = strata(['get', 'copies', '-w', '--interval', '0.02'], { environment, signal: stopping.signal, seen })
    const [first, second] = await world.copies()
    await enter(first?.id ?? '', ['ann', 'ben', 'cid'])
    await enter(second?.id ?? '', ['dot', 'eva', 'fay'])
    opened = await open()
    await until(async () => (await world.copies()).find(({ id }) => id === opened)?.state === 'open')
    await enter(opened, ['gus'])
    await using moving = new AsyncDisposableStack()
    // Not before the watch has shown the closing copy, which may otherwise be gone within the interval.
    const timer = setInterval(() => void (shownClosing && carryOutMoves()), 100)
    moving.defer(() => clearInterval(timer))
    const { code, out } = await watching
    expect(code).toBe(0)
    const lines = out.trim().split('\n')
    expect(lines[0]).toMatch(/^NAME +MAP +STATE +PLAYERS +HELD +AGE$/)
    const rows = lines.filter((row) => row.startsWith(`${opened} `)).map((row) => row.split(/ +/))
    // A copy may be opening for less than the interval.
    const states = [...new Set(rows.map((row) => row[2]))].filter((state) => state !== 'opening')
    expect(states).toEqual(['open', 'closing', 'removed'])
    expect(rows.find((row) => row[2] === 'closing')?.[3]).toBe('1/100')
    // Decisions are stored in batches.
    const decided = async (pattern: string) => new RegExp(pattern).test((await strata(['get', 'decisions'], { environment })).out)
    await until(() => decided(` open +forest +${opened} .*an operator opened it: a stream starts`))
    await until(() => decided(` close +forest +${opened} .*holds 1 player`))
  })
})

describe('strata move', () => {
  it('P1: orders the move of a player with its whole party, and says when it cannot', async () => {
    const [first, second] = await world.copies()
    const [from, to] = [first?.id ?? '', second?.id ?? '']
    await enter(from, ['ann', 'ben'], 'p-1')
    await enter(from, ['cid'])
    const move = (who: string, where: string) => strata(['move', who, where, '--reason', 'asked for it'], { environment })
    await until(async () => (await strata(['get', 'players', 'Ann'], { environment })).code === 0)
    expect(await move('Ann', to)).toMatchObject({ code: 0, out: `2 players to move from ${from} to ${to}\n` })
    const orders = await world.directory.movesFor(first?.server ?? '')
    expect(orders.map(({ cause, members }) => [cause, members.map(({ character }) => character)])).toEqual([['operator', ['ann', 'ben']]])
    expect(await move('ann', to)).toMatchObject({ code: 1, problems: expect.stringContaining('A move is in progress') })
    expect(await move('cid', from)).toMatchObject({ code: 1, problems: expect.stringContaining(`it is in ${from} already`) })
    expect(await move('cid', 'forest-x')).toMatchObject({ code: 1, problems: expect.stringContaining('There is no copy "forest-x"') })
    expect(await move('nobody', to)).toMatchObject({ code: 1, problems: expect.stringContaining('"strata get players" lists who is') })
  })
})

describe('strata close, get and describe', () => {
  it('close closes copies by name; a token without the right is refused with what to do', async () => {
    world.busy = true
    const [first] = await world.copies()
    const id = first?.id ?? ''
    expect(await strata(['close', `${id}x`], { environment })).toMatchObject({ code: 1, problems: expect.stringContaining(`did you mean "${id}"?`) })
    const nobody = { ...environment, OPERATOR_TOKEN: 'guessed' }
    expect(await strata(['get', 'players'], { environment: nobody })).toMatchObject({
      code: 1,
      problems: expect.stringMatching(/needs a service token.*\nThe token is read/),
    })
    expect(await strata(['close', id, '--reason', 'the event is over'], { environment })).toEqual({ code: 0, out: `${id}: closing\n`, problems: '' })
    // Decisions are stored in batches.
    const described = async () => (await strata(['describe', 'copy', id], { environment })).out
    await until(async () => (await described()).includes('an operator closed it: the event is over'))
    expect(await described()).toMatch(/State: +closing\n/)
  })

  it('describe shows who is in a copy, and get narrows by it', async () => {
    const [first, second] = await world.copies()
    await enter(first?.id ?? '', ['ann', 'ben'], 'p-1')
    await enter(second?.id ?? '', ['cid'])
    await until(async () => (await strata(['get', 'players', '-o', 'name'], { environment })).out.split('\n').length === 4)
    expect((await strata(['describe', 'copy', first?.id ?? ''], { environment })).out).toMatch(/People:\n.*\n {2}ann +taken +en +- +p-1\n {2}ben/)
    expect((await strata(['get', 'players', '--copy', second?.id ?? '', '-o', 'name'], { environment })).out).toBe('player/cid\n')
  })
})

describe('strata diff', () => {
  it('shows how a draft differs from the policy in force, and exits with 1', async () => {
    const draft = await strata(['diff', 'test/cli/drafts/forest.yaml'], { environment })
    expect(draft).toMatchObject({ code: 1, problems: '' })
    expect(draft.out).toMatch(/^--- forest in force\tforest-v1\n\+\+\+ .*forest\.yaml\t\w{8}\n/)
    expect(draft.out).toMatch(/^- {2}soft: 80$/m)
    expect(draft.out).toMatch(/^\+ {2}soft: 6$/m)
  })
})
