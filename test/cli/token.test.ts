import { join } from 'node:path'
import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ServiceCallers } from '../../service/callers/serviceCallers.ts'
import { ensureKeyPair, readPrivateKey, readPublicKeys } from '../../service/keys/keys.ts'
import { scratchFolder, strata } from './terminal.ts'

const now = 1_700_000_000_000
let folder: string
let other: string
let callers: ServiceCallers
beforeAll(async () => {
  ;[folder, other] = [await scratchFolder(), await scratchFolder()]
  for (const one of [folder, other]) await ensureKeyPair(one, 'service')
  const keys = await readPublicKeys(folder, 'service')
  callers = new ServiceCallers({ clock: { now: () => now }, keys: () => keys, operatorToken: 'operators only' })
})
afterAll(() => expect(callers.callerWith('privacy', 'Bearer operators only')).resolves.toBe('operator'))

const create = (...args: string[]) => strata(['token', 'create', '--keys', folder, ...args], { now: () => now })
const made = async (scope: string, ttl = '30d', keys = folder) => {
  const { code, out } = await strata(['token', 'create', '--keys', keys, '--name', 'backend', '--scope', scope, '--ttl', ttl], { now: () => now })
  expect(code).toBe(0)
  return `Bearer ${out.trim()}`
}

it('X1: a service token opens the routes of its scopes and no others', async () => {
  const token = await made('players:write social:write')
  expect(await callers.callerWith('players:write', token)).toBe('backend')
  expect(await callers.callerWith('social:write', token)).toBe('backend')
  await expect(callers.callerWith('moderation', token)).rejects.toMatchObject({ code: 'SCOPE_MISSING', details: { scope: 'moderation' } })
  await expect(callers.callerWith('operator', token)).rejects.toMatchObject({ code: 'SCOPE_MISSING' })
})

it('X1: expired, foreign, unsigned, endless tokens and tokens of another audience are no service tokens', async () => {
  const privateKey = await readPrivateKey(folder, 'service')
  const claims = () => new SignJWT({ scope: 'moderation' }).setProtectedHeader({ alg: 'EdDSA' }).setSubject('backend')
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const unsigned = `${encoded({ alg: 'none' })}.${encoded({ sub: 'backend', aud: 'strata:service', scope: 'moderation', exp: now })}.`
  const symmetric = new SignJWT({ scope: 'moderation' }).setProtectedHeader({ alg: 'HS256' }).setSubject('backend').setAudience('strata:service')
  const refused = [
    undefined,
    'Bearer ',
    'operators only',
    `Bearer ${unsigned}`,
    `Bearer ${await symmetric.setExpirationTime(now / 1000 + 60).sign(new TextEncoder().encode('operators only'))}`,
    `Bearer ${await claims().setAudience('strata:service').sign(privateKey)}`,
    `Bearer ${await claims()
      .setAudience('strata:session')
      .setExpirationTime(now / 1000 + 60)
      .sign(privateKey)}`,
    `Bearer ${await claims()
      .setAudience('strata:service')
      .setExpirationTime(now / 1000)
      .sign(privateKey)}`,
    `Bearer ${await claims()
      .setAudience('strata:service')
      .setExpirationTime(now / 1000 + 60)
      .sign((await generateKeyPair('EdDSA')).privateKey)}`,
    await made('moderation', '1d', other),
  ]
  for (const authorization of refused)
    await expect(callers.callerWith('moderation', authorization), String(authorization)).rejects.toMatchObject({ code: 'SERVICE_TOKEN' })
})

it('`token create` says what is wrong with its options', async () => {
  const options = ['--name', 'backend', '--scope', 'moderation', '--ttl', '30d']
  expect(await create(...options.with(3, 'moderatoin'))).toMatchObject({ code: 2, problems: expect.stringContaining('there is no scope "moderatoin"') })
  expect(await create(...options.with(1, 'operator'))).toMatchObject({ code: 2, problems: expect.stringContaining('operator token') })
  expect(await create(...options.with(5, '900d'))).toMatchObject({ code: 2, problems: expect.stringContaining('from 1s to 366d') })
  expect(await create(...options.slice(0, 4))).toMatchObject({ code: 2, problems: expect.stringContaining('--ttl') })
  const missing = await strata(['token', 'create', '--keys', join(folder, 'absent'), ...options])
  expect(missing).toMatchObject({ code: 2, problems: expect.stringMatching(/Cannot read .*service\.private\.pem: ENOENT/) })
})
