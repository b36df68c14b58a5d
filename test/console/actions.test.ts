import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Role } from '../../model/access/roles.ts'
import type { TrialLine } from '../../model/wire/console.ts'
import { policyFiles } from '../../orchestrator/policies/policyFiles.ts'
import { recordPast } from '../../orchestrator/recording/testing/recordPast.ts'
import { ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { hashPassword } from '../../service/keys/password.ts'
import { putConsoleAccount } from '../../store/accounts/consoleAccounts.ts'
import { freshStore } from '../freshStore.ts'
import { Browser } from './browser.ts'
import { temporaryFolder } from './temporaryFolder.ts'

const password = 'a password of this test'
let passwordHash: string
let database: Awaited<ReturnType<typeof freshStore>>
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let world: ServedWorld
let url: string

beforeAll(async () => {
  passwordHash = await hashPassword(password)
  database = await freshStore()
  folder = await temporaryFolder()
  world = new ServedWorld(database.store)
  world.policyTexts = policyFiles(folder.path)
  await mkdir(folder.path, { recursive: true })
  await writeFile(join(folder.path, 'maps.yaml'), `${policyOf('hills', 40)}---\n${policyOf('forest', 40)}`)
  const orchestrator = await world.orchestrator()
  url = orchestrator.url
  await until(async () => orchestrator.leading() && (await world.open()) === 2)
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const policyOf = (map: string, soft: number): string =>
  `# The caps of ${map}.\napiVersion: strata.dev/v1alpha1\nkind: MapPolicy\nmetadata: { name: ${map} }\nspec: { fleet: overworld, capacity: { soft: ${soft}, hard: 50, company: 8 } }\n`

async function person(role: Role): Promise<Browser> {
  await putConsoleAccount(database.url, { name: role, roles: [role], passwordHash })
  const browser = new Browser(url)
  await browser.ask('POST', '/v1/session', { name: role, password })
  return browser
}

it('an operator pins a copy and holds merges; other orchestrators know it; lifting ends it; each is in the audit log', async () => {
  const operator = await person('operator')
  const [copy] = await world.copies()
  const pin = await operator.ask('POST', '/v1/holds', { map: 'forest', copy: copy?.id, minutes: 5, reason: 'guild event' })
  expect(pin).toMatchObject({ status: 200, body: { copy: copy?.id, actor: 'console:operator' } })
  expect((await operator.ask('POST', '/v1/holds', { map: 'forest', minutes: 5, reason: 'patch day' })).status).toBe(200)
  expect(await database.store.operatorHolds.holds()).toHaveLength(2)
  const { id } = pin.body as { id: string } // a hold, as above
  expect((await operator.ask('POST', `/v1/holds/${id}/lift`, { reason: 'over' })).status).toBe(200)
  expect(await operator.ask('POST', `/v1/holds/${id}/lift`, { reason: 'over' })).toMatchObject({ status: 404, body: { error: { code: 'HOLD_UNKNOWN' } } })
  expect((await database.store.operatorHolds.holds()).map(({ reason }) => reason)).toEqual(['patch day'])
  const acts = (await database.store.accounts.auditLog(20)).map(({ action, reason }) => `${action}: ${reason}`)
  expect(acts).toEqual(expect.arrayContaining(['pin: guild event', 'hold merges: patch day', 'lift hold: over']))
})

it('X1: holds of unknown maps and copies, and holds without an end or a reason are refused', async () => {
  const operator = await person('operator')
  expect((await operator.ask('POST', '/v1/holds', { map: 'nowhere', minutes: 5, reason: 'x' })).status).toBe(404)
  expect((await operator.ask('POST', '/v1/holds', { map: 'forest', copy: 'nothing', minutes: 5, reason: 'x' })).status).toBe(404)
  expect((await operator.ask('POST', '/v1/holds', { map: 'forest', reason: 'x' })).status).toBe(400)
  expect((await operator.ask('POST', '/v1/holds', { map: 'forest', minutes: 5, reason: ' ' })).status).toBe(400)
})

it('a copy that an operator closed is opened again; other copies are not', async () => {
  const operator = await person('operator')
  const [copy] = await world.copies()
  world.busy = true
  expect(await operator.ask('POST', '/v1/reopen', { copy: copy?.id, reason: 'undo' })).toMatchObject({ status: 409 })
  expect((await operator.ask('POST', '/v1/close', { copy: copy?.id, reason: 'it lags' })).status).toBe(200)
  await until(async () => (await world.copies()).find(({ id }) => id === copy?.id)?.state === 'closing')
  expect((await operator.ask('POST', '/v1/reopen', { copy: copy?.id, reason: 'undo' })).status).toBe(200)
  await until(async () => (await world.copies()).find(({ id }) => id === copy?.id)?.state === 'open')
  world.busy = false
})

it('a designer replaces one policy of a file and nothing else; a change of somebody else meanwhile is not overwritten', async () => {
  const designer = await person('designer')
  const file = join(folder.path, 'maps.yaml')
  const { body } = await designer.ask('GET', '/v1/policies/forest')
  const { text } = body as { text: string } // a policy, by the route's schema
  expect(text).toContain('# The caps of forest.')
  const put = (soft: number, before: string) => designer.ask('PUT', '/v1/policies/forest', { text: policyOf('forest', soft), before, reason: 'smaller crowds' })
  expect((await put(30, text)).status).toBe(200)
  const whole = await readFile(file, 'utf8')
  expect(whole).toContain(policyOf('hills', 40))
  expect(whole).toContain(policyOf('forest', 30))
  expect(whole).not.toContain(policyOf('forest', 40))
  expect(((await designer.ask('GET', '/v1/policies/forest')).body as { text: string }).text).toBe(policyOf('forest', 30)) // a policy, by the route's schema
  expect(await put(20, text)).toMatchObject({ status: 409, body: { error: { code: 'POLICY_CHANGED' } } })
  expect(await readFile(file, 'utf8')).toBe(whole)
})

it('X1: a policy with a mistake, of another map, or of a viewer changes nothing', async () => {
  const designer = await person('designer')
  const file = join(folder.path, 'maps.yaml')
  const before = await readFile(file, 'utf8')
  const { body } = await designer.ask('GET', '/v1/policies/forest')
  const { text } = body as { text: string } // a policy, by the route's schema
  const put = (browser: Browser, draft: string) => browser.ask('PUT', '/v1/policies/forest', { text: draft, before: text, reason: 'test' })
  expect(await put(designer, policyOf('forest', 400))).toMatchObject({ status: 422, body: { error: { code: 'POLICY_INVALID' } } })
  expect((await put(designer, policyOf('hills', 30))).status).toBe(422)
  expect((await put(await person('viewer'), policyOf('forest', 30))).status).toBe(403)
  expect(await readFile(file, 'utf8')).toBe(before)
})

/** Lines of a trial. */
async function trial(): Promise<TrialLine[]> {
  const answer = await (await person('designer')).ask('POST', '/v1/policies/forest/try', { text: policyOf('forest', 20) })
  return answer.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TrialLine) // by orchestrator/console/policyRoutes.ts
}

it('a draft is tried on a generated day while too little was recorded, and the answer says why: the day, progress, the scores of both and a plot', {
  timeout: 120_000,
}, async () => {
  const lines = await trial()
  expect(lines[0]).toEqual({
    type: 'day',
    day: 'generated',
    why: expect.stringMatching(/^(nothing was recorded yet|only \d+ s were recorded so far|the recording has only 0 people)/),
  })
  expect(lines.filter(({ type }) => type === 'progress').length).toBeGreaterThan(2)
  expect(lines.at(-1)).toMatchObject({
    scores: { day: 'ordinary', today: { peakCopies: expect.any(Number) }, draft: { peakCopies: expect.any(Number) } },
    plot: expect.stringContaining('<svg'),
  })
})

it('a draft is tried on the recording of the last minutes, with its people; the answer says which time that was', { timeout: 120_000 }, async () => {
  const now = Date.now()
  const { recordings } = database.store
  await recordPast(recordings, { from: now - 1_500_000, until: now - 1_470_000, people: 12 })
  expect((await trial())[0]).toMatchObject({ day: 'generated' })
  await recordPast(recordings, { from: now - 1_200_000, until: now - 900_000, people: 12 })
  const lines = await trial()
  expect(lines[0]).toMatchObject({ type: 'day', day: 'recorded', people: 12 })
  const { from, until, recordedMs } = lines[0] as Extract<TrialLine, { day: 'recorded' }>
  expect(Math.abs(from - (now - 1_500_000))).toBeLessThan(10_000)
  expect(until).toBeGreaterThan(now - 910_000)
  // The gaps are no part of it.
  expect(recordedMs).toBeGreaterThan(310_000)
  expect(recordedMs).toBeLessThan(until - from - 200_000)
  expect(lines.at(-1)).toMatchObject({ scores: { today: { peakPlayers: 12 }, draft: { peakPlayers: 12 } } })
})
