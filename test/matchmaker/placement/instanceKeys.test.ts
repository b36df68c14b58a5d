import { expect, it } from 'vitest'
import type { MemoryDirectory } from '../../../directory/memory.ts'
import { instanceKeys } from '../../../docs/how-to/extend/placement.ts'
import { pollLine } from '../../../matchmaker/flows/pollLine.ts'
import { travel } from '../../../matchmaker/flows/travel.ts'
import type { Parts } from '../../../matchmaker/parts.ts'
import { promoteHead } from '../../../matchmaker/queue/promotions.ts'
import { containedKeys, type InstanceKeys } from '../../../model/policy/instanceKey.ts'
import type { MapPolicy } from '../../../model/policy/policy.ts'
import { plan } from '../../../orchestrator/plan/plan.ts'
import { World } from '../../../orchestrator/reconcile/testing/world.ts'
import { CodedPolicies } from '../../../score/gameSignals.ts'
import { DecisionWriter } from '../../../store/decisions/decisionWriter.ts'
import type { SocialProfile } from '../../../store/store.ts'
import { strata } from '../../cli/terminal.ts'
import { MemoryFleets } from '../../contract/memoryFleets.ts'
import { codeBlocks } from '../../docs/codeBlocks.ts'
import { makeParty } from '../../people.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'
import { served } from '../served.ts'

/** Instances with keys of the game: several matchmakers, the real planner and reconciler, and PostgreSQL. */
const { store } = await storeOfFile()
const never = new AbortController().signal
const wish = { instance: 'cave' }

async function coded(spec: object, keys: InstanceKeys = instanceKeys, failed: (name: string) => void = () => {}): Promise<MapPolicy> {
  const policy = policyNamed('cave', { kind: 'instance', capacity: { soft: 8, hard: 10 }, ...spec })
  const own = new CodedPolicies({ signals: {}, instanceKeys: containedKeys(keys, failed), failed })
  return own.withCode(new Map([['cave', policy]])).get('cave') ?? policy
}
const raid = (keys?: InstanceKeys, failed?: (name: string) => void) => coded({ instance: { key: 'guildRaid', perHour: 1_000 } }, keys, failed)

/** Matchmakers and the planner over one directory and one clock. */
async function together(...policies: MapPolicy[]) {
  const world = await World.of(new MemoryFleets({ overworld: { replicas: 3, rooms: 4 } }), policies, plan)
  const realm = await Realm.over(store, world, policies)
  const census = () => world.parts.census()
  const matchmakers = [realm.matchmaker(census), realm.matchmaker(census)] as const
  /** Servers open copies, the planner plans, and both matchmakers promote at once. */
  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await world.serversWork()
      await world.round(1_000)
      await world.refresh()
      await Promise.all(matchmakers.map((parts) => promoteHead(parts, 'cave')))
      await world.refresh()
    }
  }
  return { world, realm, matchmakers, seconds }
}

/** A party of two, whose leader is in the guild and chose the difficulty. */
async function groupOf(realm: Realm, name: string, { guild, difficulty }: { guild?: string; difficulty?: string }): Promise<[SocialProfile, SocialProfile]> {
  const people = [await realm.person(`${name} leads`, guild === undefined ? {} : { guild }), await realm.person(`${name} follows`)] as const
  if (difficulty !== undefined) await store.accounts.describeCharacter(people[0].character, { attributes: { difficulty } })
  await makeParty(
    store,
    `party-${name}`,
    people.map(({ character }) => character),
  )
  return [...people]
}

const keysOf = async (directory: MemoryDirectory): Promise<string[]> =>
  (await directory.snapshot('cave')).copies.filter(({ state }) => state === 'open').map(({ instanceKey = '' }) => instanceKey)

async function copyOf(parts: Parts, { character }: SocialProfile, ticket: string): Promise<string> {
  const answer = await pollLine(parts, character, ticket, { waitMs: 0, signal: never })
  if (!('seat' in answer)) throw new Error(`no seat: ${JSON.stringify(answer)}`)
  return answer.seat.copy
}

async function waits(parts: Parts, person: SocialProfile, wholeParty = true): Promise<string> {
  const answer = await enterAs(parts, person, { ...wish, wholeParty })
  if (!('line' in answer)) throw new Error('not in line')
  return answer.line.ticket
}

const guildOf = async ({ character }: SocialProfile): Promise<string> => (await store.profile(character))?.guild ?? 'none'

it('P5: two parties with the same key share an instance that two matchmakers ask for at once, and another key has its own', async () => {
  const { realm, world, matchmakers, seconds } = await together(await raid())
  const [first, second] = matchmakers
  const [[ada], [bob, ben], [cyd], [dan]] = await Promise.all([
    groupOf(realm, 'Key Ada', { guild: 'Keys' }),
    groupOf(realm, 'Key Bob', { guild: 'Keys' }),
    groupOf(realm, 'Key Cyd', { guild: 'Keys', difficulty: 'heroic' }),
    groupOf(realm, 'Key Dan', { guild: 'Others' }),
  ])
  const tickets = await Promise.all([waits(first, ada), waits(second, bob, false), waits(first, cyd), waits(second, dan)])
  await seconds(5)
  const guild = await guildOf(ada)
  expect((await keysOf(realm.directory)).sort()).toEqual([`${guild}/heroic`, `${guild}/normal`, `${await guildOf(dan)}/normal`].sort())
  const [a, b, c, d] = [
    await copyOf(second, ada, tickets[0]),
    await copyOf(first, bob, tickets[1]),
    await copyOf(first, cyd, tickets[2]),
    await copyOf(second, dan, tickets[3]),
  ]
  expect(b).toBe(a)
  expect(new Set([a, c, d]).size).toBe(3)
  // The leader's key is the party's: a member who comes later, and without a guild, finds the same instance.
  await world.refresh()
  expect(await enterAs(first, ben, wish)).toMatchObject({ seat: { copy: a } })
  // Nobody joins a friend in an instance with another key.
  await expect(enterAs(second, ben, { copy: d })).rejects.toMatchObject({ code: 'COPY_CHOICE_FORBIDDEN' })
  const open = world.decisions.filter(({ kind }) => kind === 'open')
  expect(open.map(({ inputs }) => inputs['instanceKey']).sort()).toEqual([`${guild}/heroic`, `${guild}/normal`, `${await guildOf(dan)}/normal`].sort())
})

it('P5: the instance of a lost server is replaced with the same key for both parties', async () => {
  const { realm, world, matchmakers, seconds } = await together(await raid())
  const [first, second] = matchmakers
  const [[ada], [bob]] = [await groupOf(realm, 'Lost Ada', { guild: 'Lost' }), await groupOf(realm, 'Lost Bob', { guild: 'Lost' })]
  const enterBoth = async (): Promise<[string, string]> => {
    const tickets = [await waits(first, ada, false), await waits(second, bob, false)] as const
    await seconds(12)
    return [await copyOf(second, ada, tickets[0]), await copyOf(first, bob, tickets[1])]
  }
  const [before, same] = await enterBoth()
  expect(same).toBe(before)
  const { server, instanceKey } = (await realm.directory.snapshot('cave')).copies.find(({ id }) => id === before) ?? {}
  for (const { character } of [ada, bob]) await realm.take('cave', before, character)
  // Reconnecting finds the copy, also when the function would answer otherwise by now.
  await store.accounts.describeCharacter(ada.character, { attributes: { difficulty: 'heroic' } })
  await world.refresh()
  expect(await enterAs(first, ada, wish)).toMatchObject({ seat: { copy: before } })
  await store.accounts.describeCharacter(ada.character, { attributes: {} })
  world.fleets.servers.delete(server ?? '')
  for (const { character } of [ada, bob]) await realm.directory.clearPresence(character, 1)
  await seconds(12)
  const [after, alike] = await enterBoth()
  expect(alike).toBe(after)
  expect((await realm.directory.snapshot('cave')).copies).toMatchObject([{ id: after, instanceKey, state: 'open' }])
  expect((await realm.directory.snapshot('cave')).copies[0]?.server).not.toBe(server)
})

it('P5: while a place waits, a changed key ends it, and the new request waits for the instance with the new key', async () => {
  const { realm, matchmakers, seconds } = await together(await raid())
  const [parts] = matchmakers
  const [ada] = await groupOf(realm, 'Turn Ada', { guild: 'Turn' })
  const ticket = await waits(parts, ada)
  await store.accounts.describeCharacter(ada.character, { attributes: { difficulty: 'heroic' } })
  await expect(pollLine(parts, ada.character, ticket, { waitMs: 0, signal: never })).rejects.toMatchObject({ code: 'LINE_UNKNOWN' })
  const next = await waits(parts, ada)
  await seconds(5)
  const copy = await copyOf(parts, ada, next)
  expect((await realm.directory.snapshot('cave')).copies).toMatchObject([{ id: copy, instanceKey: `${await guildOf(ada)}/heroic` }])
  // From inside, one travels to the instance with the key of now; with the same key one is there already.
  await realm.take('cave', copy, ada.character)
  await seconds(1)
  const trip = { protocol: 1, wholeParty: false, rankIn: () => 0, ...wish }
  await expect(travel(parts, ada.character, trip)).rejects.toThrow('you are there already')
  await store.accounts.describeCharacter(ada.character, { attributes: {} })
  const place = await travel(parts, ada.character, trip)
  if (!('line' in place)) throw new Error('not in line')
  await seconds(5)
  expect(await pollLine(parts, ada.character, place.line.ticket, { waitMs: 0, signal: never })).toMatchObject({ move: { map: 'cave' } })
  expect((await keysOf(realm.directory)).sort()).toEqual([`${await guildOf(ada)}/heroic`, `${await guildOf(ada)}/normal`])
})

it('P5: where the function fails, the instance is private to the party, or to a character without one, and nobody is refused', async () => {
  const failed: string[] = []
  const broken: InstanceKeys = {
    guildRaid: () => {
      throw new Error('no such quest')
    },
  }
  const { realm, matchmakers, seconds } = await together(await raid(broken, (name) => failed.push(name)))
  const [first, second] = matchmakers
  const [[ada], [bob]] = [await groupOf(realm, 'Fail Ada', { guild: 'Fail' }), await groupOf(realm, 'Fail Bob', { guild: 'Fail' })]
  const alone = await realm.person('Fail Cyd', { guild: 'Fail' })
  for (const person of [ada, bob, alone]) await waits(first, person)
  await seconds(5)
  expect((await keysOf(realm.directory)).sort()).toEqual([`character ${alone.character}`, 'party party-Fail Ada', 'party party-Fail Bob'])
  expect(new Set(failed)).toEqual(new Set(['instanceKeys.guildRaid']))
  expect(await enterAs(second, alone, wish)).toHaveProperty('seat')
  // So is it where the code lacks the function.
  const lacking = await coded({ instance: { key: 'absent' } }, {}, (name) => failed.push(name))
  expect(lacking.instance.keyOf?.({ map: 'cave', character: alone, leader: alone, members: [] })).toBeUndefined()
  expect(failed.at(-1)).toBe('instanceKeys.absent')
})

it('P2: the decision, `strata explain` and the explanation of a player show the key', async () => {
  const [, , , block] = (await codeBlocks('docs/how-to/extend.md')).filter(({ language }) => language === 'ts' || language === 'yaml')
  expect(block?.text).toContain('guildRaid')
  const { realm, matchmakers, seconds, world } = await together(await raid())
  const [parts] = matchmakers
  const [ada] = await groupOf(realm, 'Shown Ada', { guild: 'Shown' })
  const ticket = await waits(parts, ada)
  await seconds(5)
  const copy = await copyOf(parts, ada, ticket)
  const key = `${await guildOf(ada)}/normal`
  expect(realm.decisions.map(({ kind, inputs }) => [kind, inputs['instanceKey']])).toEqual([
    ['wait', key],
    ['place', key],
  ])
  expect(realm.decisions[0]?.reason).toContain(`to enter cave with the instance key "${key}"`)
  await using stack = new AsyncDisposableStack()
  const { app, sessions } = stack.use(await served(realm, { operatorToken: 's3cret' }))
  const writer = new DecisionWriter({ store })
  for (const decision of realm.decisions) writer.add({ ...decision, id: `key-${decision.id}` })
  await writer[Symbol.asyncDispose]()
  await world.refresh()
  const environment = { STRATA_MATCHMAKER: await app.listen({ host: '127.0.0.1', port: 0 }), OPERATOR_TOKEN: 's3cret' }
  const { out } = await strata(['explain', 'shown ada leads'], { environment, now: () => realm.clock.now() })
  expect(out).toContain(`copy ${copy} with the instance key "${key}"`)
  expect(out).toContain(`instanceKey ${key}`)
  const session = await sessions.issue(`account of ${ada.character}`)
  const own = await app.inject({
    url: `/v1/explain/${ada.character}`,
    headers: { authorization: `Bearer ${session}`, 'strata-character': ada.character },
  })
  expect(own.statusCode, own.body).toBe(200)
  expect(own.json()).toMatchObject({ whereabouts: { copy, instanceKey: key } })
  expect(own.json().decisions[0].inputs.instanceKey).toBe(key)
})
