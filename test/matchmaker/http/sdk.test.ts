import { afterEach, expect, it, vi } from 'vitest'
import { MatchmakerHttp } from '../../../client/api/http.ts'
import { PlacementApi } from '../../../client/api/placementApi.ts'
import { StrataClient } from '../../../client/strataClient.ts'
import { matchmakerAccess } from '../../../model/access/routes.ts'

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
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(api)).filter((name) => name !== 'constructor' && name !== 'character' && name !== 'enter')
    const calls: Record<string, (...args: unknown[]) => unknown> = Object(api)
    for (const method of methods) await calls[method]?.(argument, argument)
  }
  await placement.enter({ map: 'forest' })
  const wanted = Object.entries(matchmakerAccess).filter(([, who]) => ['account', 'character'].includes(String(who)))
  const shape = (route: string): string => route.replaceAll(/:\w*|%3A/g, ':')
  expect(wanted.map(([route]) => shape(route)).filter((route) => ![...called].map(shape).includes(route))).toEqual([])
})
