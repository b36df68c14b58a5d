import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { ensureKeyPair, readPublicKeys } from '../../service/keys/keys.ts'
import { freshStore } from '../freshStore.ts'
import { enterAs, Realm } from '../matchmaker/realm.ts'
import { served } from '../matchmaker/served.ts'
import { scratchFolder, strata } from './terminal.ts'

const stack = new AsyncDisposableStack()
let realm: Realm
let url: string
let folder: string
let parts: ReturnType<Realm['matchmaker']>
beforeAll(async () => {
  const { store } = stack.use(await freshStore())
  realm = stack.use(await Realm.create(store))
  await realm.open('forest-1')
  folder = await scratchFolder()
  await ensureKeyPair(folder, 'service')
  const keys = await readPublicKeys(folder, 'service')
  const here = stack.use(await served(realm, { serviceKeys: () => keys }))
  parts = here.parts
  url = await here.app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await stack.disposeAsync()
  await rm(folder, { recursive: true })
})

async function tokenWith(scope: string): Promise<string> {
  const { out } = await strata(['token', 'create', '--keys', folder, '--name', 'anna', '--scope', scope, '--ttl', '1h'], { now: () => realm.clock.now() })
  return out.trim()
}
const run = (token: string, ...args: string[]) =>
  strata(args, { environment: { STRATA_MATCHMAKER: url, STRATA_TOKEN: token }, now: () => realm.clock.now(), folder })

it('a moderator bans, mutes, kicks and announces with a service token, and the audit log names them', async () => {
  const token = await tokenWith('moderation')
  const rita = await realm.person('Cli Rita')
  await enterAs(parts, rita)
  await realm.take('forest', 'forest-1', rita.character)
  expect(await run(token, 'kick', 'cli rita', '--reason', 'stuck')).toMatchObject({ code: 0, out: `${rita.account}: 1 session ended\n` })
  expect(await run(token, 'ban', 'cli rita', '--for', '7d', '--reason', 'insults')).toMatchObject({
    code: 0,
    out: `${rita.account}: banned until ${new Date(realm.clock.now() + 7 * 86_400_000).toISOString()}; 1 session ended\n`,
  })
  expect((await realm.store.profile(rita.character))?.ban).toMatchObject({ reason: 'insults' })
  expect(await run(token, 'unban', 'cli rita', '--reason', 'appeal')).toMatchObject({ code: 0, out: `${rita.account}: the ban is lifted\n` })
  expect(await run(token, 'mute', 'cli rita', '--reason', 'shouting')).toMatchObject({ code: 0, out: `${rita.account}: muted until it is lifted\n` })
  expect(await run(token, 'unmute', 'cli rita', '--reason', 'quiet')).toMatchObject({ code: 0 })
  expect(await run(token, 'message', 'cli rita', 'read the rules')).toMatchObject({ code: 0, out: `sent to ${rita.character}\n` })
  expect(await run(token, 'announce', 'the forest closes', '--map', 'forest')).toMatchObject({ code: 0, out: 'announced on forest\n' })
  const { out } = await run(token, 'audit-log', 'cli rita', '--last', '3')
  expect(out.split('\n').map((line) => line.split('  ').slice(1, 3).join(' '))).toEqual(['anna message', 'anna unmute', 'anna mute', ''])
})

it('F4: a moderator reads the violations of a player, and those that were flagged', async () => {
  const token = await tokenWith('moderation')
  const sam = await realm.person('Swift Sam')
  const place = { map: 'forest', copy: 'forest-1', tick: 7, x: 1.5, y: -2 }
  const seen = { character: sam.character, kind: 'speed' as const, count: 12, evidence: { metres: 9, maxSpeed: 6 }, trust: 76, ...place }
  await realm.store.recordViolations([
    { id: 'sam-1', at: realm.clock.now() - 1_000, action: 'correct', ...seen },
    { id: 'sam-2', at: realm.clock.now(), action: 'flag', ...seen },
  ])
  // A batch that is sent again changes nothing.
  await realm.store.recordViolations([{ id: 'sam-2', at: realm.clock.now(), action: 'kick', ...seen }])
  const { code, out } = await run(token, 'violations', 'swift sam')
  expect([code, out.trimEnd().split('\n').length]).toEqual([0, 2])
  expect(out).toMatch(/Swift Sam {2}speed {2}× 12 {2}flag .*trust 76 {2}forest-1 \(1.5, -2\) tick 7 {2}metres=9 maxSpeed=6/)
  const flagged = JSON.parse((await run(token, 'violations', '--flagged', '--json')).out) as { violations: { action: string }[] }
  expect(flagged.violations.map(({ action }) => action)).toEqual(['flag'])
  expect((await run(token, 'violations', 'cli rita')).out).toBe('no violations\n')
})

it('X1: moderation without a token, without the scope, without a reason and on an unknown player is refused with its own error', async () => {
  const token = await tokenWith('moderation')
  await realm.person('Cli Safe')
  expect(await strata(['ban', 'cli safe', '--reason', 'x', '--matchmaker', url])).toMatchObject({
    code: 1,
    problems: expect.stringMatching(/needs a service token[\s\S]*STRATA_TOKEN/),
  })
  expect(await run(await tokenWith('privacy'), 'ban', 'cli safe', '--reason', 'x')).toMatchObject({
    code: 1,
    problems: expect.stringContaining('lacks the scope "moderation"'),
  })
  expect(await run(token, 'ban', 'cli safe')).toMatchObject({ code: 2, problems: expect.stringContaining('--reason') })
  expect(await run(token, 'ban', 'cli safe', '--for', 'long', '--reason', 'x')).toMatchObject({ code: 2 })
  expect(await run(token, 'ban', 'nobody', '--reason', 'x')).toMatchObject({ code: 1, problems: 'strata: There is no account "nobody". Check the id.\n' })
  expect((await realm.store.findCharacter('cli safe'))?.ban).toBeUndefined()
  expect(await strata(['kick', 'cli safe', '--reason', 'x', '--matchmaker', 'http://127.0.0.1:9'])).toMatchObject({ code: 3 })
})

it('an account is exported to a file that only its owner can read, and erased', async () => {
  const token = await tokenWith('privacy')
  const petra = await realm.person('Cli Petra')
  const file = join(folder, 'petra.json')
  onTestFinished(() => rm(file))
  expect(await run(token, 'account', 'export', petra.account, '--out', 'petra.json')).toMatchObject({ code: 0 })
  expect(await readFile(file, 'utf8')).toContain('Cli Petra')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await run(token, 'account', 'export', petra.account, '--out', 'petra.json')).toMatchObject({
    code: 2,
    problems: expect.stringContaining('it exists already'),
  })
  expect(await run(token, 'account', 'erase', petra.account, '--reason', 'asked for it')).toMatchObject({
    code: 0,
    out: `${petra.account}: erased, with 1 character\n`,
  })
  expect((await run(token, 'account', 'export', petra.account)).out).not.toContain('Cli Petra')
  expect(await run(token, 'account', 'erase', 'nobody', '--reason', 'x')).toMatchObject({ code: 1 })
})

it('each command explains itself with --help', async () => {
  for (const command of [
    ['ban'],
    ['unban'],
    ['mute'],
    ['unmute'],
    ['kick'],
    ['message'],
    ['announce'],
    ['audit-log'],
    ['violations'],
    ['token', 'create'],
    ['account', 'export'],
    ['account', 'erase'],
  ])
    expect(await strata([...command, '--help']), command.join(' ')).toMatchObject({ code: 0, out: expect.stringContaining('Examples:') })
})
