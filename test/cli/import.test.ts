import { readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freshStore } from '../freshStore.ts'
import { linesOf, studioApi } from '../matchmaker/studio/importing.ts'
import { scratchFolder, strata } from './terminal.ts'

let database: Awaited<ReturnType<typeof freshStore>>
let api: Awaited<ReturnType<typeof studioApi>>
let folder: string
beforeAll(async () => {
  database = await freshStore()
  api = await studioApi(database.store)
  folder = await scratchFolder()
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

const letters = (n: number): string => [...String(n)].map((digit) => 'bcdfghjkpq'[Number(digit)]).join('')
const heroes = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({ kind: 'character', character: `${prefix}-${n}`, account: `acc-${prefix}-${n}`, name: `${prefix} ${letters(n)}` }))
const importing = (file: string, ...more: string[]) =>
  strata(['import', file, '--matchmaker', `http://127.0.0.1:${api.port}`, ...more], { folder, environment: { STRATA_TOKEN: api.all } })
const madeOf = async (prefix: string) =>
  (await database.store.studio.characters({ limit: 100_000 })).filter(({ character }) => character.startsWith(`${prefix}-`)).length

it('imports a file and says how many lines it applied', async () => {
  await writeFile(join(folder, 'good.ndjson'), linesOf(heroes('good', 1_200)))
  expect(await importing('good.ndjson')).toMatchObject({ code: 0, out: expect.stringMatching(/line 1,200: 1,200 applied, 0 refused, [\d,]+ lines\/s\n$/) })
  expect(await madeOf('good')).toBe(1_200)
})

it('writes refused lines to a file beside it, and exits with 1', async () => {
  await writeFile(join(folder, 'some.ndjson'), `${linesOf(heroes('some', 2))}no json\n\n${linesOf([{ kind: 'dragon' }])}`)
  expect(await importing('some.ndjson')).toMatchObject({ code: 1, problems: expect.stringContaining('2 lines were refused; some.ndjson.refused.ndjson') })
  const refused = (await readFile(join(folder, 'some.ndjson.refused.ndjson'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)
  expect(refused).toMatchObject([
    { line: 3, code: 'BAD_REQUEST', content: 'no json' },
    { line: 5, code: 'BAD_REQUEST', content: '{"kind":"dragon"}' },
  ])
  await writeFile(join(folder, 'some.ndjson'), linesOf(heroes('some', 2)))
  expect((await importing('some.ndjson')).code).toBe(0)
  await expect(readFile(join(folder, 'some.ndjson.refused.ndjson'))).rejects.toMatchObject({ code: 'ENOENT' })
})

it('goes on by itself after each cut of the connection, and begins at --from', async () => {
  await writeFile(join(folder, 'cut.ndjson'), linesOf(heroes('cut', 6_000)))
  const sockets = new Set<Socket>()
  let connections = 0
  // Passes bytes on, and cuts the first two connections after some of the answer.
  const proxy = createServer((client) => {
    const cuts = ++connections <= 2
    const server = connect(api.port, '127.0.0.1')
    let answered = 0
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.pipe(server)
    server.on('data', (bytes) => {
      client.write(bytes)
      answered += bytes.length
      if (cuts && answered > 30_000) for (const socket of [client, server]) socket.destroy()
    })
    server.on('close', () => client.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo // a server on TCP
  try {
    const result = await strata(['import', 'cut.ndjson', '--from', '1001', '--matchmaker', `http://127.0.0.1:${port}`], {
      folder,
      environment: { STRATA_TOKEN: api.all },
    })
    expect(result).toMatchObject({ code: 0, out: expect.stringContaining('line 6,000: 5,000 applied, 0 refused') })
    expect(result.problems).toContain('Trying again.')
    expect(connections).toBe(3)
    expect(await madeOf('cut')).toBe(5_000)
  } finally {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
})

it('says where to go on when nothing answers, and exits with 3', async () => {
  await writeFile(join(folder, 'away.ndjson'), linesOf(heroes('away', 3)))
  const result = await strata(['import', 'away.ndjson', '--from', '2', '--patience', '1s', '--matchmaker', 'http://127.0.0.1:9'], { folder })
  expect(result).toMatchObject({ code: 3, problems: expect.stringContaining('go on with: strata import away.ndjson --from 2') })
  expect((await importing('absent.ndjson')).code).toBe(2)
})

it('stops at once when the token lacks the scope', async () => {
  const bearer = await api.token('moderation')
  const result = await strata(['import', 'good.ndjson', '--matchmaker', `http://127.0.0.1:${api.port}`], { folder, environment: { STRATA_TOKEN: bearer } })
  expect(result).toMatchObject({ code: 1, problems: expect.stringContaining('lacks the scope "players:write"') })
})
