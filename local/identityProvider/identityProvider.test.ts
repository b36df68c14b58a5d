import { once } from 'node:events'
import { exportJWK, generateKeyPair } from 'jose'
import { expect, it } from 'vitest'
import { OpenIdSession } from '../../gameserver/demo/bots/account/openIdSession.ts'
import { Sessions } from '../../matchmaker/access/sessions.ts'
import { freePort } from '../agones/freePorts.ts'
import { createProvider } from './provider.ts'

const [client, redirectUri, audience] = ['strata-game', 'http://127.0.0.1/signed-in', 'strata']

async function setUp() {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const key = { ...(await exportJWK(privateKey)), kid: 'one', alg: 'EdDSA', use: 'sig' }
  const port = await freePort('127.0.0.1')
  const issuer = `http://127.0.0.1:${port}`
  let now = Date.now()
  const serve = async () => {
    const provider = createProvider({ issuer, tokenSeconds: 20, audience, client, redirectUri, key, cookieSecret: 'secret', now: () => now })
    const server = provider.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return {
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      },
    }
  }
  const identityProvider = { jwks: new URL(`${issuer}/jwks`), issuer, audience }
  const sessions = await Sessions.create({ clock: { now: () => now }, publicKeys: [], identityProvider })
  return {
    serve,
    pass: (ms: number) => {
      now += ms
    },
    verify: (token: string) => sessions.verify(`Bearer ${token}`),
    person: (login: string) => new OpenIdSession({ issuer, client, redirectUri }, { login, name: `${login} of Oak`, locale: 'pt-BR' }),
  }
}

it('a person signs in with a code, the matchmaker accepts the token with name and language, and the refresh token renews it', async () => {
  const { serve, verify, person, pass } = await setUp()
  await using _ = await serve()
  const ada = person('ada')
  const first = await ada.token()
  const identity = await verify(first)
  expect(identity).toMatchObject({ account: expect.stringMatching(/^[0-9a-f]{32}$/), displayName: 'ada of Oak', language: 'pt-br', development: false })
  pass(21_000)
  await expect(verify(first)).rejects.toMatchObject({ code: 'SESSION_INVALID' })
  pass(-21_000)
  const second = await ada.token()
  expect(second).not.toBe(first)
  expect(await verify(second)).toEqual(identity)
  expect(ada.counts).toEqual({ signedIn: 1, renewed: 1 })
  expect((await verify(await person('bob').token())).account).not.toBe(identity.account)
})

it('a person signs in again when the restarted provider does not know the refresh token', async () => {
  const { serve, verify, person } = await setUp()
  const ada = person('ada')
  const before = await (async () => {
    await using _ = await serve()
    return await verify(await ada.token())
  })()
  await expect(ada.token()).rejects.toThrow()
  await using _ = await serve()
  expect(await verify(await ada.token())).toEqual(before)
  expect(ada.counts).toEqual({ signedIn: 2, renewed: 0 })
})
