import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../local/agones/freePorts.ts'
import { createProvider } from '../../local/identityProvider/provider.ts'
import type { Role } from '../../model/access/roles.ts'
import type { SessionAnswer } from '../../model/wire/console.ts'
import { ATTEMPTS_PER_NAME } from '../../orchestrator/access/loginLimit.ts'
import { ADMIN_TOKEN, ServedWorld } from '../../orchestrator/testing/servedWorld.ts'
import { until } from '../../orchestrator/testing/until.ts'
import { hashPassword } from '../../service/keys/password.ts'
import { putConsoleAccount } from '../../store/accounts/consoleAccounts.ts'
import { freshStore } from '../freshStore.ts'
import { Browser } from './browser.ts'

const password = 'correct horse battery staple'
let passwordHash: string
let database: Awaited<ReturnType<typeof freshStore>>
let world: ServedWorld
let url: string

beforeAll(async () => {
  database = await freshStore()
  world = new ServedWorld(database.store)
  const orchestrator = await world.orchestrator()
  url = orchestrator.url
  passwordHash = await hashPassword(password)
  await until(async () => orchestrator.leading() && (await world.open()) === 2)
})
afterAll(async () => {
  await world[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

async function account(name: string, ...roles: Role[]): Promise<void> {
  await putConsoleAccount(database.url, { name, roles, passwordHash })
}

async function signedIn(name: string, ...roles: Role[]): Promise<Browser> {
  await account(name, ...roles)
  const browser = new Browser(url)
  const { status } = await browser.ask('POST', '/v1/session', { name, password })
  expect(status).toBe(200)
  return browser
}

describe('a local account', () => {
  it('signs in with a cookie that scripts and other sites cannot use, sees the world, and signs out', async () => {
    const browser = await signedIn('viola', 'viewer')
    expect(browser.setCookies.at(-1)).toMatch(/^strata_session=.*HttpOnly.*SameSite=Strict/)
    expect((await browser.ask('GET', '/v1/session')).body).toMatchObject({ person: { name: 'viola', roles: ['viewer'], scopes: ['view'] } })
    expect((await browser.ask('GET', '/v1/timeline')).status).toBe(200)
    await browser.ask('DELETE', '/v1/session')
    expect((await browser.ask('GET', '/v1/timeline')).status).toBe(401)
  })

  it('X1: a wrong password, an unknown name and an altered cookie are refused, with the same words for name and password', async () => {
    await account('walter', 'operator')
    const browser = new Browser(url)
    const wrong = await browser.ask('POST', '/v1/session', { name: 'walter', password: 'x' })
    const unknown = await browser.ask('POST', '/v1/session', { name: 'nobody', password: 'x' })
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'LOGIN_REFUSED' } } })
    expect(unknown.body).toEqual(wrong.body)
    const other = await signedIn('walter', 'operator')
    const cookie = other.cookie
    other.cookie = `${cookie.slice(0, -8)}AAAAAAAA`
    expect(await other.ask('GET', '/v1/timeline')).toMatchObject({ status: 401, body: { error: { code: 'SESSION_INVALID' } } })
  })

  it('X1: many attempts with one name are refused before the password is looked at', async () => {
    await account('lea', 'viewer')
    const browser = new Browser(url)
    for (let attempt = 0; attempt < ATTEMPTS_PER_NAME; attempt++)
      expect((await browser.ask('POST', '/v1/session', { name: 'lea', password: String(attempt) })).status).toBe(401)
    expect((await browser.ask('POST', '/v1/session', { name: 'lea', password })).status).toBe(429)
  })

  it('X1: the server refuses what a role may not, and what another site sends', async () => {
    const [copy] = await world.copies()
    const [drain, close] = [
      { server: copy?.server, reason: 'test' },
      { copy: copy?.id, reason: 'test' },
    ]
    for (const role of ['viewer', 'designer', 'moderator'] as const) {
      const browser = await signedIn(`not-${role}`, role)
      expect(await browser.ask('POST', '/v1/drain', drain)).toMatchObject({ status: 403, body: { error: { code: 'SCOPE_MISSING' } } })
      expect((await browser.ask('POST', '/v1/close', close)).status).toBe(403)
      if (role !== 'moderator') expect((await browser.ask('POST', '/v1/moderation/kick', { player: 'a', reason: 'b' })).status).toBe(403)
    }
    const operator = await signedIn('olga', 'operator')
    operator.csrf = ''
    expect(await operator.ask('POST', '/v1/drain', drain)).toMatchObject({ status: 403, body: { error: { code: 'CSRF_MISSING' } } })
    expect([...world.fleets.servers.values()].some(({ overflow }) => overflow)).toBe(false)
    expect((await world.copies()).every(({ state }) => state === 'open')).toBe(true)
  })

  it('roles that change, and an account that is gone, act on open sessions', async () => {
    const browser = await signedIn('max', 'operator')
    expect((await browser.ask('GET', '/v1/decisions?map=forest')).status).toBe(200)
    await account('max', 'viewer')
    await until(async () => (await browser.ask('GET', '/v1/decisions?map=forest')).status === 403)
  })

  it('the audit log names the person of every act', async () => {
    const browser = await signedIn('otto', 'operator')
    const [copy] = await world.copies()
    expect((await browser.ask('POST', '/v1/close', { copy: copy?.id, reason: 'it lags' })).status).toBe(200)
    const entries = await database.store.accounts.auditLog(10)
    expect(entries).toContainEqual(expect.objectContaining({ actor: 'console:otto', action: 'close', subject: copy?.id, reason: 'it lags' }))
    expect(entries).toContainEqual(expect.objectContaining({ actor: 'console:otto', action: 'sign in' }))
    await until(async () => (await world.open()) === 2)
  })

  it('another orchestrator of the same world takes the session', async () => {
    const browser = await signedIn('sam', 'viewer')
    const other = await world.orchestrator()
    browser.url = other.url
    expect((await browser.ask('GET', '/v1/timeline')).status).toBe(200)
  })
})

it('a request that is passed on to the matchmaker carries the operator token and the name of the person', async () => {
  const seen: unknown[] = []
  const matchmaker = createServer((request, response) => {
    seen.push([request.method, request.url, request.headers.authorization, decodeURIComponent(String(request.headers['strata-actor']))])
    response.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(matchmaker, 'listening')
  const { port } = matchmaker.address() as AddressInfo // it listens on a port
  const orchestrator = await world.orchestrator({ console: { matchmaker: { url: `http://127.0.0.1:${port}`, operatorToken: ADMIN_TOKEN } } })
  const browser = await signedIn('mia', 'moderator')
  browser.url = orchestrator.url
  expect((await browser.ask('POST', '/v1/moderation/kick', { player: 'Ada 1', reason: 'spam' })).status).toBe(200)
  expect((await browser.ask('GET', '/v1/explain/Ada%201')).status).toBe(200)
  expect(seen).toEqual([
    ['POST', '/v1/moderation/kick', `Bearer ${ADMIN_TOKEN}`, 'console:mia'],
    ['GET', '/v1/explain/Ada%201', `Bearer ${ADMIN_TOKEN}`, 'console:mia'],
  ])
  matchmaker.close()
})

describe("the studio's identity provider", () => {
  async function provider() {
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
    const [port, consolePort] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
    const issuer = `http://127.0.0.1:${port}`
    const own = `http://127.0.0.1:${consolePort}`
    const server = createProvider({
      issuer,
      tokenSeconds: 60,
      audience: 'strata',
      client: 'strata-game',
      redirectUri: 'http://127.0.0.1/signed-in',
      console: { client: 'strata-console', redirectUri: `${own}/v1/session/openid/callback` },
      key: { ...(await exportJWK(privateKey)), kid: 'one', alg: 'EdDSA', use: 'sig' },
      cookieSecret: 'secret',
      now: Date.now,
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    const openId = { issuer, client: 'strata-console', rolesClaim: 'roles', roleOf: new Map([['gamemasters', 'moderator' as const]]), url: own }
    const orchestrator = await world.orchestrator({ console: { openId }, port: consolePort })
    return {
      browser: () => new Browser(orchestrator.url),
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  }

  it('signs people in with the roles of its claim, and sends them back to the page that they wanted', async () => {
    await using studio = await provider()
    const browser = studio.browser()
    const end = await browser.signInAt('/v1/session/openid?back=%2Fconsole%2Fservers', { login: 'gina', roles: ['gamemasters', 'cooks'] })
    expect(end).toBe('/console/servers')
    const { body } = await browser.ask('GET', '/v1/session')
    expect((body as SessionAnswer).person).toMatchObject({ roles: ['moderator'], scopes: ['view', 'moderation'] })
  })

  it('X1: people without a role, answers without their question, and ways back to other sites are refused', async () => {
    await using studio = await provider()
    const nobody = studio.browser()
    expect(await nobody.signInAt('/v1/session/openid', { login: 'nora', roles: ['cooks'] })).toMatch(/^\/console\/\?refused=/)
    expect((await nobody.ask('GET', '/v1/timeline')).status).toBe(401)
    expect((await studio.browser().ask('GET', '/v1/session/openid/callback?code=x&state=y')).status).toBe(401)
    const lured = studio.browser()
    expect(await lured.signInAt('/v1/session/openid?back=%2F%2Fevil.example', { login: 'vera', roles: ['viewer'] })).toBe('/console/')
  })
})
