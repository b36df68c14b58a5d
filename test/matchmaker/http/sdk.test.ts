import { afterEach, expect, it, vi } from 'vitest'
import { MatchmakerHttp } from '../../../client/api/http.ts'
import { PlacementApi } from '../../../client/api/placementApi.ts'
import { StrataClient } from '../../../client/strataClient.ts'
import { matchmakerAccess } from '../../../model/access/routes.ts'
import type { AccountId } from '../../../model/ids.ts'
import { DecisionWriter } from '../../../store/decisions/decisionWriter.ts'
import { freshStore } from '../../freshStore.ts'
import { Realm } from '../realm.ts'
import { served } from '../served.ts'

afterEach(() => void vi.unstubAllGlobals())

it('the SDK has a typed call for every route that players may call', async () => {
  const called = new Set<string>()
  vi.stubGlobal('fetch', async (url: string, { method }: RequestInit) => {
    called.add(`${method} ${new URL(url).pathname}`)
    return new Response('{}')
  })
  const client = new StrataClient({ matchmaker: 'http://matchmaker', session: 'token' })
  const { characters, party, friends, blocks, guild, economy } = client
  // Stands for each argument: an id, a body or a signal.
  const argument = Object.assign(new AbortController().signal, { toString: () => ':' })
  const placement = new PlacementApi(new MatchmakerHttp('http://matchmaker', 'token'))
  for (const api of [characters, party, friends, blocks, guild, economy, placement, client]) {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(api)).filter(
      (name) => name !== 'constructor' && name !== 'character' && name !== 'enter' && name !== 'traceId',
    )
    const calls: Record<string, (...args: unknown[]) => unknown> = Object(api)
    for (const method of methods) await calls[method]?.(argument, argument)
  }
  await placement.enter({ map: 'forest' })
  const wanted = Object.entries(matchmakerAccess).filter(([, who]) => ['account', 'character', 'own character or operator'].includes(String(who)))
  const shape = (route: string): string => route.replaceAll(/:\w*|%3A/g, ':')
  expect(wanted.map(([route]) => shape(route)).filter((route) => ![...called].map(shape).includes(route))).toEqual([])
})

it('P2: the SDK explains an own character: the one that plays, the only one, or a named one, and nobody else', async () => {
  await using database = await freshStore()
  const { store } = database
  await using realm = await Realm.create(store)
  await realm.open('forest-1')
  await using api = await served(realm)
  const matchmaker = await api.app.listen({ port: 0, host: '127.0.0.1' })
  const signedIn = async (account: AccountId) => new StrataClient({ matchmaker, session: await api.sessions.issue(account) })
  const client = await signedIn('explained')
  await expect(client.explain()).rejects.toMatchObject({ code: 'NO_CHARACTER', retryable: false })
  const first = await client.characters.create({ name: 'Explained Ada' })
  await new PlacementApi(new MatchmakerHttp(matchmaker, await api.sessions.issue('explained'))).enter({ map: 'forest' })
  await using writer = new DecisionWriter({ store })
  for (const decision of realm.decisions) writer.add(decision)
  await writer[Symbol.asyncDispose]()
  const explained = await client.explain()
  expect(explained).toMatchObject({
    character: first.character,
    whereabouts: { map: 'forest', copy: 'forest-1', seat: 'held', live: false },
    decisions: [{ kind: 'place', copy: 'forest-1', candidates: [{ copy: 'forest-1' }] }],
  })
  const second = await client.characters.create({ name: 'Explained Ben' })
  await expect(client.explain()).rejects.toMatchObject({ code: 'CHARACTER_UNSPECIFIED', message: expect.stringContaining('2 characters') })
  expect(await client.explain(first.character)).toEqual(explained)
  client.character = second.character
  expect(await client.explain()).toMatchObject({ character: second.character, decisions: [] })
  let asked = 0
  const renewing = new StrataClient({ matchmaker, session: async () => (asked++ === 0 ? 'expired' : api.sessions.issue('explained')) })
  expect(await renewing.explain(first.character)).toEqual(explained)
  expect(asked).toBe(2)
  const stranger = await signedIn('stranger')
  await stranger.characters.create({ name: 'Explained Eve' })
  await expect(stranger.explain(first.character)).rejects.toMatchObject({ code: 'OPERATOR_TOKEN' })
})
