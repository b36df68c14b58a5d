import { expect, it } from 'vitest'
import { signals } from '../../../docs/how-to/extend/placement.ts'
import { containedSignals } from '../../../model/policy/containedSignals.ts'
import { parsePolicies } from '../../../model/policy/parse.ts'
import { CodedPolicies } from '../../../score/gameSignals.ts'
import { DecisionWriter } from '../../../store/decisions/decisionWriter.ts'
import { strata } from '../../cli/terminal.ts'
import { codeBlocks } from '../../docs/codeBlocks.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { enterAs, policyNamed, Realm } from '../realm.ts'
import { served } from '../served.ts'

const database = await storeOfFile()

it("P2: a signal of the game decides where a newcomer is placed, and explain shows it beside Strata's own", async () => {
  const [, block] = (await codeBlocks('docs/how-to/extend.md')).filter(({ language }) => language === 'ts' || language === 'yaml')
  const spec = `spec:\n  fleet: overworld\n  capacity: { soft: 6, hard: 8, company: 1 }\n  ${block?.text}`
  const { policies, problems } = parsePolicies(`apiVersion: strata.dev/v1alpha1\nkind: MapPolicy\nmetadata: { name: forest }\n${spec}`, 'extend.md', () => 'v1')
  expect(problems).toEqual([])
  const [weighed] = policies
  if (weighed === undefined) throw new Error('no policy')
  const own = { ...weighed, placement: { ...weighed.placement, weights: policyNamed('forest').placement.weights, chooseCopy: true } }
  const [policy = own] = new CodedPolicies({ signals: containedSignals(signals, () => {}), instanceKeys: {} }).withCode(new Map([['forest', own]])).values()

  await using stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(database.store, policy))
  const parts = realm.matchmaker()
  const person = async (name: string, level: number) => {
    const profile = await realm.person(name)
    await database.store.accounts.describeCharacter(profile.character, { attributes: { level } })
    return profile
  }
  await realm.open('forest-1')
  for (const name of ['Own Bob', 'Own Cyd']) await enterAs(parts, await person(name, 3))
  await realm.open('forest-2')
  await enterAs(parts, await person('Own Dan', 60), { copy: 'forest-2' })
  expect(await enterAs(parts, await person('Own Ada', 1))).toMatchObject({ seat: { copy: 'forest-2' } })

  const { app } = stack.use(await served(realm, { development: false, operatorToken: 's3cret' }))
  const environment = { STRATA_MATCHMAKER: await app.listen({ host: '127.0.0.1', port: 0 }), OPERATOR_TOKEN: 's3cret' }
  expect(realm.decisions.at(-1)?.candidates.map(({ copy, terms }) => [copy, terms?.['game.mentors']])).toEqual([
    ['forest-2', 20],
    ['forest-1', 0],
  ])
  const writer = new DecisionWriter({ store: database.store })
  for (const decision of realm.decisions) writer.add({ ...decision, id: `own-signal-${decision.id}` })
  await writer[Symbol.asyncDispose]()
  const { out } = await strata(['explain', 'own ada'], { environment, now: () => realm.clock.now() })
  expect(out).toContain('game.mentors')
})
