import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, it } from 'vitest'
import type { CharacterRules } from '../../../matchmaker/http/characterRoutes.ts'
import { defined } from '../../../model/defined.ts'
import { defaultNameRules } from '../../../model/people/names.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { Realm } from '../realm.ts'
import { served } from '../served.ts'

const database = await storeOfFile()

async function service(characters: Partial<CharacterRules> = {}) {
  const stack = new AsyncDisposableStack()
  const realm = stack.use(await Realm.create(database.store))
  await realm.open('forest-1')
  const { app, sessions } = stack.use(await served(realm, { characters: { names: defaultNameRules, perAccount: 2, madeBy: 'players', ...characters } }))
  const as = async (account: string) => {
    const authorization = `Bearer ${await sessions.issue(account)}`
    return async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: object, headers: Record<string, string> = {}) => {
      const answer = await app.inject({ method, url, headers: { authorization, ...headers }, ...defined({ payload: body }) })
      const json = answer.json()
      return { status: answer.statusCode, json, code: json.error?.code as string | undefined, problem: json.error?.details?.problem as string | undefined }
    }
  }
  return { realm, as, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

it('an account makes, lists, renames and deletes its characters, and says at enter which one plays', async () => {
  await using api = await service()
  const ask = await api.as('player 1')
  expect((await ask('POST', '/v1/enter', { map: 'forest' })).code).toBe('NO_CHARACTER')
  const first = await ask('POST', '/v1/characters', { name: 'Ilse', languages: ['pt-BR', 'en'] })
  expect(first).toMatchObject({
    status: 201,
    json: { name: 'Ilse', languages: ['pt-br', 'en'], settings: { presence: 'friends', joinable: 'company', follow: 'always' } },
  })
  const second = await ask('POST', '/v1/characters', { name: 'Olga' })
  expect((await ask('POST', '/v1/characters', { name: 'Third' })).code).toBe('CHARACTER_LIMIT')
  expect((await ask('POST', '/v1/enter', { map: 'forest' })).code).toBe('CHARACTER_UNSPECIFIED')
  expect(await ask('POST', '/v1/enter', { map: 'forest', character: second.json.character })).toMatchObject({
    status: 200,
    json: { seat: { copy: 'forest-1' } },
  })
  expect(api.realm.seats()['forest-1']).toEqual(['Olga'])
  const changed = await ask('PATCH', `/v1/characters/${first.json.character}`, { name: 'Ilse II', settings: { presence: 'nobody' } })
  expect(changed.json).toMatchObject({ name: 'Ilse II', settings: { presence: 'nobody', joinable: 'company' } })
  expect(await ask('PATCH', `/v1/characters/${first.json.character}`, { name: 'Ilse III' })).toMatchObject({ status: 200, json: { name: 'Ilse III' } })
  expect(await ask('PATCH', `/v1/characters/${first.json.character}`, {})).toMatchObject({ status: 200, json: { name: 'Ilse III' } })
  await api.realm.take('forest', 'forest-1', second.json.character)
  expect((await ask('DELETE', `/v1/characters/${second.json.character}`)).code).toBe('CHARACTER_IN_WORLD')
  expect((await ask('DELETE', `/v1/characters/${first.json.character}`)).json).toEqual({ deleted: true })
  expect((await ask('GET', '/v1/characters')).json).toMatchObject({ account: 'player 1', limit: 2, characters: [{ name: 'Olga' }] })
})

it('nobody plays, changes or deletes a character of somebody else, or learns that it exists', async () => {
  await using api = await service()
  const [ask, other] = [await api.as('owner'), await api.as('thief')]
  const { character } = (await ask('POST', '/v1/characters', { name: 'Owned' })).json
  const unknown = await other('POST', '/v1/enter', { map: 'forest', character: 'no-such-character' })
  const answers = [
    await other('POST', '/v1/enter', { map: 'forest', character }),
    await other('GET', '/v1/party', undefined, { 'strata-character': character }),
    await other('PATCH', `/v1/characters/${character}`, { name: 'Stolen' }),
    await other('DELETE', `/v1/characters/${character}`),
  ]
  for (const answer of [unknown, ...answers]) expect(answer).toMatchObject({ status: 404, code: 'CHARACTER_UNKNOWN' })
})

it('refuses names that are too short or long, reserved, taken in any case, or that look like a taken one', async () => {
  await using api = await service({ perAccount: 100 })
  const ask = await api.as('namer')
  const name = (text: string) => ask('POST', '/v1/characters', { name: text })
  expect((await name('Paula')).status).toBe(201)
  for (const taken of ['paula', 'PAULA', 'Раula', '  Paula ']) expect(await name(taken)).toMatchObject({ status: 409, code: 'NAME_TAKEN' })
  for (const refused of ['P', 'x'.repeat(33), 'Admin', 'аdmin', 'a  b', '-dash', '<script>', 'tab\tname', 'zero\u200bwidth', '\u202ereversed'])
    expect(await name(refused)).toMatchObject({ status: 400, code: 'NAME_REFUSED' })
  for (const fine of ['Zoë', "D'Arcy", '李小龙', 'Ольга', 'Mary-Jane 2']) expect((await name(fine)).status).toBe(201)
})

it('takes the language from the header Accept-Language at creation only', async () => {
  await using api = await service()
  const ask = await api.as('polyglot')
  const made = await ask('POST', '/v1/characters', { name: 'Header Hanna' }, { 'accept-language': '*, de-AT;q=0.8, en;q=0.5' })
  expect(made.json.languages).toEqual(['de-at'])
})

it('takes the language of the session in either form, and that of the header when the session names no language', async () => {
  await using realm = await Realm.create(database.store)
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'studio', alg: 'ES256' }
  const provider = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] })))
  await new Promise<void>((resolve) => void provider.listen(0, '127.0.0.1', resolve))
  const { port } = provider.address() as AddressInfo // a server on TCP
  await using api = await served(realm, { jwks: new URL(`http://127.0.0.1:${port}/jwks`) })
  const languagesFor = async (locale: string): Promise<unknown> => {
    const session = await new SignJWT({ locale })
      .setProtectedHeader({ alg: 'ES256', kid: 'studio' })
      .setSubject(`speaker of ${locale}`)
      .setIssuer('studio')
      .setExpirationTime(Math.floor(realm.clock.now() / 1000) + 600)
      .sign(privateKey)
    const headers = { authorization: `Bearer ${session}`, 'accept-language': 'fr' }
    const name = `Locale ${locale.replaceAll(/[^a-z]/gi, '')}`
    return (await api.app.inject({ method: 'POST', url: '/v1/characters', headers, payload: { name } })).json().languages
  }
  expect(await languagesFor('pt-BR')).toEqual(['pt-br'])
  expect(await languagesFor('pt_PT')).toEqual(['pt-pt'])
  expect(await languagesFor('no language!')).toEqual(['fr'])
  provider.close()
})

it('refuses players where only the studio makes characters', async () => {
  await using api = await service({ madeBy: 'studio' })
  const ask = await api.as('player 2')
  expect(await ask('POST', '/v1/characters', { name: 'Nobody Else' })).toMatchObject({ status: 403, code: 'CHARACTERS_BY_STUDIO' })
})
