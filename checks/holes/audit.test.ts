import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { askRegistry, judge } from './audit.ts'

const root = resolve(import.meta.dirname, '../..')

/** A registry that answers each audit with `advisories`, or refuses it. */
async function registry(advisories: object | undefined): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const answer = request.method === 'GET' ? packumentOf(request.url) : request.url?.endsWith('/bulk') === true ? advisories : {}
      if (answer === undefined) response.writeHead(405).end()
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo // it listens on a port
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())) }
}

/** npm asks which versions there are of a package with a hole and of its dependents. */
const packumentOf = (url = '') => ({ name: decodeURIComponent(url.slice(1)), 'dist-tags': { latest: '1.0.6' }, versions: {} })

const hole = {
  id: 1,
  url: 'https://github.com/advisories/GHSA-test-test-test',
  title: 'Reads past the end',
  severity: 'high',
  vulnerable_versions: '*',
  cwe: [],
  cvss: {},
}

it('a known hole in an installed package is found, and none when the registry knows none', { timeout: 90_000 }, async () => {
  await using holed = await registry({ unhomoglyph: [hole] })
  await using sound = await registry({})
  expect(await askRegistry(root, holed.url)).toEqual({
    answered: true,
    holes: [{ package: 'unhomoglyph', severity: 'high', title: 'Reads past the end', advisory: 'GHSA-test-test-test', url: hole.url }],
  })
  expect(await askRegistry(root, sound.url)).toEqual({ answered: true, holes: [] })
})

it('a registry that refuses audits, or that does not exist, has not answered', { timeout: 90_000 }, async () => {
  await using refusing = await registry(undefined)
  expect(await askRegistry(root, refusing.url)).toMatchObject({ answered: false, problem: expect.stringContaining('405') })
})

it('an acceptance holds until its day, and is reported when no package needs it', () => {
  const [known] = [{ package: 'unhomoglyph', severity: 'high', title: 't', advisory: 'GHSA-1', url: 'u' }]
  const accepted = [{ advisory: 'GHSA-1', reason: 'not reached', until: '2027-01-01' }]
  expect(judge([known], accepted, '2026-12-31')).toEqual([])
  expect(judge([known], accepted, '2027-01-01')).toHaveLength(1)
  expect(judge([], accepted, '2026-12-31')).toEqual([expect.stringContaining('remove it')])
})
