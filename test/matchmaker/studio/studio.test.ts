import { request as httpRequest } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import pg from 'pg'
import { Registry } from 'prom-client'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { MAX_LINE_BYTES } from '../../../matchmaker/studio/importStream.ts'
import { createStore } from '../../../store/postgresStore.ts'
import { HttpSource } from '../../../store/source/httpSource.ts'
import { startBlockEndpoint } from '../../blockEndpoint.ts'
import '../../fastCheckSeed.ts'
import { storeOfFile } from '../../storeOfFile.ts'
import { linesOf, studioApi } from './importing.ts'

const database = await storeOfFile()
const { store } = database
const api = await studioApi(store)
afterAll(() => api[Symbol.asyncDispose]())

async function rowsOf<Row extends object>(statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

/** Letters only: digits look like letters, and names that look alike are refused. */
const lettersOf = (n: number): string => [...String(n)].map((digit) => 'bcdfghjkpq'[Number(digit)]).join('')
const heroes = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'character',
    character: `${prefix}-${n}`,
    account: `acc-${prefix}-${n}`,
    name: `${prefix} ${lettersOf(n)}`,
  }))

describe('an import', () => {
  const file = [
    { kind: 'account', account: 'ada@studio', displayName: 'Ada L.' },
    { kind: 'guild', guild: 'lamps', name: 'Lamplighters' },
    { kind: 'character', character: 'i-ada', account: 'ada@studio', name: 'Import Ada', languages: ['de', 'pt-BR'], attributes: { level: 60 }, guild: 'lamps' },
    { kind: 'character', character: 'i-bob', account: 'bob@studio', name: 'Import Bob' },
    { kind: 'character', character: 'i-eve', account: 'eve@studio', name: 'Import Eve' },
    { kind: 'friendship', characters: ['i-ada', 'i-bob'] },
    { kind: 'block', character: 'i-ada', blocked: 'i-eve' },
    { kind: 'guild', guild: 'lamps', name: 'Lamplighters', members: [{ character: 'i-ada', rank: 'leader' }, { character: 'i-bob' }] },
  ]

  it('writes every kind of record, with a result for each line', async () => {
    const { status, results, end } = await api.importFile([linesOf(file)])
    expect([status, end]).toEqual([200, { next: 9, applied: 8, refused: 0 }])
    expect(results).toEqual(file.map((_, n) => ({ line: n + 1, ok: true })))
    expect(await store.profile('i-ada')).toMatchObject({
      account: 'ada@studio',
      name: 'Import Ada',
      languages: ['de', 'pt-br'],
      attributes: { level: 60 },
      guild: 'lamps',
      friends: ['i-bob'],
      blocked: ['i-eve'],
    })
    expect((await store.accounts.account('ada@studio'))?.displayName).toBe('Ada L.')
    expect((await api.call('GET', '/v1/studio/guilds/lamps')).json).toEqual({
      guild: 'lamps',
      name: 'Lamplighters',
      members: [
        { character: 'i-ada', rank: 'leader' },
        { character: 'i-bob', rank: 'member' },
      ],
    })
  })

  it('of the same file again changes nothing: no row, and nothing for the seats of people in the world', async () => {
    await api.importFile([linesOf(file)])
    // `xmin` changes with each write of a row.
    const state = 'SELECT xmin::text, id, name FROM characters UNION ALL SELECT xmin::text, id, display_name FROM player_accounts ORDER BY 2, 3'
    const [before, changes] = [await rowsOf(state), await rowsOf<{ count: string }>('SELECT count(*) FROM profile_changes')]
    expect((await api.importFile([linesOf(file)])).end).toEqual({ next: 9, applied: 8, refused: 0 })
    expect(await rowsOf(state)).toEqual(before)
    expect(await rowsOf('SELECT count(*) FROM profile_changes')).toEqual(changes)
  })

  it('refuses a wrong line with its reason, and applies the others', async () => {
    await api.importFile([linesOf(file)])
    const wrong: [unknown, string, RegExp][] = [
      ['{"kind":"character","character":"cut', 'BAD_REQUEST', /not a line of JSON/],
      ['[1,2]', 'BAD_REQUEST', /write a kind: account, character, guild, friendship or block/],
      [{ kind: 'dragon' }, 'BAD_REQUEST', /write a kind/],
      [{ kind: 'character', character: 'w-1', account: 'w', name: 'Wrong Wanda', langauges: ['de'] }, 'BAD_REQUEST', /langauges/],
      [{ kind: 'character', character: 'w-1', account: 'w', name: 'Gamemaster' }, 'NAME_REFUSED', /reserved/],
      [{ kind: 'character', character: 'w-1', account: 'w', name: 'import ada' }, 'NAME_TAKEN', /belongs to another character/],
      [{ kind: 'character', character: 'i-ada', account: 'somebody else', name: 'Import Ada' }, 'BAD_REQUEST', /belongs to another account/],
      [{ kind: 'character', character: 'w-1', account: 'w', name: 'Wrong Wanda', guild: 'none' }, 'BAD_REQUEST', /send its line first/],
      [{ kind: 'character', character: 'w-1', account: 'a\0b', name: 'Wrong Wanda' }, 'BAD_REQUEST', /account: contains a control character/],
      ['{"kind":"account","account":"\\ud800"}', 'BAD_REQUEST', /surrogate/],
      ['{"kind":"account","account":"w","__proto__":{"admin":true}}', 'BAD_REQUEST', /forbidden prototype property/],
      ['{"kind":"account","account":"w","constructor":{"prototype":{"admin":true}}}', 'BAD_REQUEST', /forbidden prototype property/],
      [{ kind: 'friendship', characters: ['i-ada', 'nobody'] }, 'CHARACTER_UNKNOWN', /"i-ada" or "nobody"/],
      [{ kind: 'friendship', characters: ['i-ada', 'i-ada'] }, 'BAD_REQUEST', /two different characters/],
      [{ kind: 'friendship', characters: ['i-ada', 'i-eve'] }, 'BAD_REQUEST', /blocked the other/],
      [{ kind: 'guild', guild: 'other', name: 'lamplighters' }, 'GUILD_REFUSED', /taken/],
      [{ kind: 'guild', guild: 'other', name: 'Others', members: [{ character: 'nobody' }] }, 'CHARACTER_UNKNOWN', /nobody/],
      [`"${'x'.repeat(MAX_LINE_BYTES)}"`, 'BAD_REQUEST', /longer than/],
      [Buffer.from([0xff, 0xfe]), 'BAD_REQUEST', /not a line of JSON/],
    ]
    const right = heroes('right', wrong.length)
    const pieces = wrong.flatMap(([line], n) => [
      typeof line === 'string' || Buffer.isBuffer(line) ? line : JSON.stringify(line),
      `\r\n${JSON.stringify(right[n])}\n`,
    ])
    const { results, end } = await api.importFile(pieces)
    expect(end).toEqual({ next: 2 * wrong.length + 1, applied: wrong.length, refused: wrong.length })
    for (const [n, [line, code, message]] of wrong.entries()) {
      expect(results[2 * n], String(line).slice(0, 80)).toMatchObject({ line: 2 * n + 1, ok: false, code, message: expect.stringMatching(message) })
      expect(results[2 * n + 1]).toEqual({ line: 2 * n + 2, ok: true })
    }
    expect((await store.studio.characters({ limit: 100, account: 'acc-right-0' })).map(({ character }) => character)).toEqual(['right-0'])
    expect(await store.profile('w-1')).toBeUndefined()
  })

  it('T2: a friendship is refused by a block of an earlier line of the file, and ends with one of a later line', async () => {
    const { results } = await api.importFile([
      linesOf([
        ...heroes('early', 3),
        { kind: 'block', character: 'early-0', blocked: 'early-1' },
        { kind: 'friendship', characters: ['early-1', 'early-0'] },
        { kind: 'friendship', characters: ['early-1', 'early-2'] },
        { kind: 'block', character: 'early-2', blocked: 'early-1' },
        { kind: 'block', character: 'early-0', blocked: 'early-1', remove: true },
        { kind: 'friendship', characters: ['early-1', 'early-0'] },
      ]),
    ])
    expect(results.map(({ ok }) => ok)).toEqual([true, true, true, true, false, true, true, true, true])
    expect(await store.profile('early-1')).toMatchObject({ friends: ['early-0'], blocked: ['early-2'] })
  })

  it("T2: a friendship is refused by a block of the studio's social graph, of characters or accounts, and only by that", async () => {
    await api.importFile([linesOf(heroes('graph', 6))])
    await using endpoint = await startBlockEndpoint()
    endpoint.characters = [['graph-0', 'graph-1']]
    endpoint.accounts = [['acc-graph-3', 'acc-graph-2']]
    const source = new HttpSource({
      url: endpoint.url,
      waitMs: 1_000,
      ageMs: 10_000,
      clock: { now: Date.now },
      registry: new Registry(),
      log: { warn: () => undefined },
    })
    await using sourced = await createStore({ url: database.url, source })
    const friendship = (a: number, b: number) => ({ kind: 'friendship', characters: [`graph-${a}`, `graph-${b}`] }) as const
    const pairs = [friendship(0, 1), friendship(2, 3), friendship(4, 5), friendship(0, 4)]
    const refused = { ok: false, code: 'BAD_REQUEST', message: expect.stringMatching(/blocked the other/) }
    expect(await sourced.studio.apply(pairs)).toMatchObject([refused, refused, { ok: true }, { ok: true }])
    // Without the source only the table counts.
    expect(await store.studio.apply(pairs.slice(0, 1))).toEqual([{ ok: true }])
    expect(endpoint.asked).toBe(1)
  })

  it('applies lines in their order: a name goes from one character to the next, and a friendship ends that was made before', async () => {
    const line = (character: string, name: string) => ({ kind: 'character', character, account: character, name })
    await api.importFile([linesOf([line('o-1', 'Order One'), line('o-2', 'Order Two')])])
    const { end } = await api.importFile([
      linesOf([
        line('o-1', 'Order Three'),
        line('o-3', 'Order One'),
        line('o-2', 'Order Four'),
        line('o-1', 'Order Two'),
        { kind: 'friendship', characters: ['o-1', 'o-2'] },
        { kind: 'friendship', characters: ['o-2', 'o-1'], remove: true },
        { kind: 'block', character: 'o-1', blocked: 'o-3' },
        { kind: 'block', character: 'o-1', blocked: 'o-3', remove: true },
        { kind: 'friendship', characters: ['o-1', 'o-3'] },
      ]),
    ])
    expect(end).toMatchObject({ applied: 9, refused: 0 })
    expect((await store.profiles(['o-1', 'o-2', 'o-3'])).map(({ character, name, friends }) => [character, name, friends]).sort()).toEqual([
      ['o-1', 'Order Two', ['o-3']],
      ['o-2', 'Order Four', []],
      ['o-3', 'Order One', ['o-1']],
    ])
  })

  it('numbers its lines from `from`, counts empty lines, and answers only refusals when asked', async () => {
    const text = `\n${linesOf(heroes('from', 2))}  \nno json`
    const all = await api.importFile([text], { query: '?from=1001' })
    expect(all.results.map(({ line, ok }) => [line, ok])).toEqual([
      [1002, true],
      [1003, true],
      [1005, false],
    ])
    expect(all.end).toEqual({ next: 1006, applied: 2, refused: 1 })
    const few = await api.importFile([text], { query: '?from=1001&results=refused' })
    expect(few.results.map(({ line }) => line)).toEqual([1005])
    expect(few.end).toEqual(all.end)
  })

  it('answers a client that sends a few lines and waits for their results', async () => {
    const request = httpRequest(`http://127.0.0.1:${api.port}/v1/studio/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.all}`, 'content-type': 'application/x-ndjson' },
    })
    const response = new Promise<AsyncIterable<Buffer>>((resolve) => request.once('response', resolve))
    request.write(linesOf(heroes('slow', 2)))
    let answered = ''
    for await (const piece of await response) {
      answered += piece.toString()
      if (answered.split('\n').length === 3) request.end(linesOf(heroes('slower', 1)))
    }
    expect(answered.trim().split('\n').at(-1)).toBe('{"end":{"next":4,"applied":3,"refused":0}}')
  })

  it('of a client that goes away stops at a batch, and goes on where the answer ended', async () => {
    let applying = 0
    const apply: typeof store.studio.apply = (lines) => {
      applying++
      return store.studio.apply(lines).finally(() => applying--)
    }
    await using counting = await studioApi(store, { studio: { ...store.studio, apply } })
    const file = heroes('gone', 12_000)
    const request = httpRequest(`http://127.0.0.1:${counting.port}/v1/studio/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${counting.all}`, 'content-type': 'application/x-ndjson' },
    })
    request.on('error', () => undefined)
    const response = new Promise<AsyncIterable<Buffer>>((resolve) => request.once('response', resolve))
    request.end(linesOf(file))
    let answered = 0
    try {
      for await (const piece of await response) {
        answered += piece.toString().split('\n').length - 1
        if (answered >= 2_000) request.destroy()
      }
    } catch {
      // The connection was cut on purpose.
    }
    const made = async () => Number((await rowsOf<{ count: string }>("SELECT count(*) FROM characters WHERE id LIKE 'gone-%'"))[0]?.count)
    await pause(300)
    await vi.waitFor(() => expect(applying).toBe(0), 20_000)
    const before = await made()
    await pause(300)
    expect(await made()).toBe(before)
    // At most the batch that was applied while the connection broke, and the one that was checked meanwhile.
    expect(before).toBeGreaterThanOrEqual(answered)
    expect(before).toBeLessThanOrEqual(answered + 3_000)
    expect(before % 1_000).toBe(0)
    const { end } = await api.importFile([linesOf(file.slice(answered, before + 500))], { query: `?from=${answered + 1}` })
    expect(end).toEqual({ next: before + 501, applied: before + 500 - answered, refused: 0 })
    expect(await made()).toBe(before + 500)
  })

  it('tells where to go on when the database goes away', async () => {
    let batches = 0
    const apply: typeof store.studio.apply = (lines) => {
      if (++batches === 3) throw Object.assign(new Error('gone'), { code: '57P01' })
      return store.studio.apply(lines)
    }
    await using failing = await studioApi(store, { studio: { ...store.studio, apply } })
    const { end, results } = await failing.importFile([linesOf(heroes('down', 5_000))])
    expect(end).toMatchObject({ next: 2_001, applied: 2_000, refused: 0, stopped: { code: 'INTERNAL', retryable: true } })
    expect(results).toHaveLength(2_000)
  })

  it('needs a service token with players:write, and social:write for friendships, blocks and guilds', async () => {
    const players = await api.token('players:write')
    const { results } = await api.importFile([linesOf([...heroes('scope', 1), { kind: 'guild', guild: 'scoped', name: 'Scoped' }])], { bearer: players })
    expect(results).toMatchObject([{ ok: true }, { ok: false, code: 'SCOPE_MISSING' }])
    expect((await api.importFile(['{}'], { bearer: await api.token('social:write') })).code).toBe('SCOPE_MISSING')
    expect((await api.importFile(['{}'], { bearer: 'none' })).code).toBe('SERVICE_TOKEN')
  })

  it('does not bring back an erased account or a deleted character', async () => {
    const line = { kind: 'character', character: 'erased-1', account: 'erased', name: 'Erased Erna' }
    await api.importFile([linesOf([line, ...heroes('deleted', 1)])])
    await store.accounts.eraseAccount('erased')
    await store.accounts.deleteCharacter('deleted-0')
    const { results } = await api.importFile([
      linesOf([{ ...line, character: 'erased-2' }, { kind: 'account', account: 'erased', displayName: 'Erna' }, ...heroes('deleted', 1)]),
    ])
    expect(results).toMatchObject([
      { ok: false, code: 'BAD_REQUEST', message: expect.stringContaining('was erased') },
      { ok: false, code: 'BAD_REQUEST', message: expect.stringContaining('was erased') },
      { ok: false, code: 'CHARACTER_UNKNOWN' },
    ])
    expect((await rowsOf("SELECT display_name FROM player_accounts WHERE id = 'erased'"))[0]).toEqual({ display_name: null })
  })

  it('by two clients at once, of the same characters in another order, makes each once', async () => {
    const file = heroes('twice', 1_500)
    const answers = await Promise.all([api.importFile([linesOf(file)]), api.importFile([linesOf([...file].reverse())])])
    expect(answers.map(({ end }) => end)).toEqual([1, 2].map(() => ({ next: 1_501, applied: 1_500, refused: 0 })))
  })
})

describe('one record a request', () => {
  it('writes, reads and deletes accounts, characters, friendships, blocks and guilds', async () => {
    expect(await api.call('PUT', '/v1/studio/accounts/one@studio', { body: { displayName: 'One' } })).toMatchObject({
      status: 200,
      json: { account: 'one@studio', displayName: 'One' },
    })
    for (const [character, account] of [
      ['one-1', 'one@studio'],
      ['one-2', 'two@studio'],
    ])
      expect(
        await api.call('PUT', `/v1/studio/characters/${character}`, { body: { account, name: `Single ${character?.at(-1) === '1' ? 'Una' : 'Duo'}` } }),
      ).toMatchObject({
        status: 200,
        json: { character, account, languages: ['en'] },
      })
    expect((await api.call('PUT', '/v1/studio/characters/one-1', { body: { account: 'one@studio', name: 'Single Duo' } })).code).toBe('NAME_TAKEN')
    expect((await api.call('PUT', '/v1/studio/characters/one-1', { body: { account: 'one@studio', name: '!' } })).code).toBe('NAME_REFUSED')
    expect((await api.call('PUT', '/v1/studio/friendships/one-1/one-2')).json).toEqual({ applied: true })
    expect((await api.call('GET', '/v1/studio/friendships?character=one-2')).json.rows).toMatchObject([{ characters: ['one-1', 'one-2'] }])
    expect((await api.call('PUT', '/v1/studio/blocks/one-1/one-2')).status).toBe(200)
    expect((await api.call('GET', '/v1/studio/friendships?character=one-2')).json.rows).toEqual([])
    expect((await api.call('GET', '/v1/studio/blocks?account=one@studio')).json.rows).toMatchObject([{ blockedAccount: 'two@studio', blocked: 'one-2' }])
    expect((await api.call('DELETE', '/v1/studio/blocks/one-1/one-2')).status).toBe(200)
    expect((await api.call('GET', '/v1/studio/blocks?account=one@studio')).json.rows).toEqual([])
    const members = [{ character: 'one-2', rank: 'officer' }]
    expect((await api.call('PUT', '/v1/studio/guilds/ones', { body: { name: 'The Ones', members } })).json).toEqual({
      guild: 'ones',
      name: 'The Ones',
      members,
    })
    await api.realm.directory.setPresence({ character: 'one-2', map: 'forest', copy: 'forest-1', server: 's1', epoch: 1 })
    expect((await api.call('DELETE', '/v1/studio/characters/one-2')).code).toBe('CHARACTER_IN_WORLD')
    expect((await api.call('DELETE', '/v1/studio/characters/one-1')).json).toEqual({ deleted: true })
    expect((await api.call('GET', '/v1/studio/characters/one-1')).code).toBe('CHARACTER_UNKNOWN')
  })

  it('reads all rows in pages, each row once, also while others are made', async () => {
    await api.importFile([linesOf(heroes('page', 25))])
    const seen: string[] = []
    const first = Buffer.from('["page"]').toString('base64url')
    for (let after = first; ; ) {
      const { rows = [], next } = (await api.call('GET', `/v1/studio/characters?limit=7&after=${after}`)).json
      seen.push(...(rows as { character: string }[]).map(({ character }) => character))
      if (after === first) await api.importFile([linesOf(heroes('page-aaa', 5))])
      if (next === undefined || !seen.at(-1)?.startsWith('page')) break
      after = next
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.filter((id) => /^page-\d+$/.test(id))).toHaveLength(25)
    expect((await api.call('GET', '/v1/studio/characters?after=bm8')).code).toBe('BAD_REQUEST')
    expect((await api.call('GET', '/v1/studio/friendships?after=WyJhIl0')).code).toBe('BAD_REQUEST')
  })
})

it('X1: any bytes and any JSON on some lines leave the other lines applied, and no object gets a property that nobody gave it', async () => {
  const right = heroes('fuzz', 1)[0]
  const key = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'kind', 'character', 'account', 'members', 'remove'),
    fc.string({ maxLength: 8 }),
  )
  const record = fc.tuple(
    fc.constantFrom('account', 'character', 'guild', 'friendship', 'block'),
    fc.dictionary(key, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 }),
  )
  const line = fc.oneof(
    fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
    record.map(([kind, rest]) => Buffer.from(JSON.stringify({ ...rest, kind }))),
    fc.constantFrom('[', '{"a":', '"\\ud800"', '{"kind":"account","account":"\\u0000"}', '1e999', '[['.repeat(2_000)).map((text) => Buffer.from(text)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 40 }), async (lines, cut) => {
      const body = Buffer.concat([...lines.flatMap((one) => [one, Buffer.from('\n')]), Buffer.from(linesOf([right]))])
      const pieces = [body.subarray(0, cut), body.subarray(cut)].filter((piece) => piece.length > 0)
      const { status, results, end } = await api.importFile(pieces)
      expect(status).toBe(200)
      expect(end).toMatchObject({ next: lines.length + 2 })
      expect(end?.stopped).toBeUndefined()
      expect(results.at(-1)).toEqual({ line: lines.length + 1, ok: true })
      for (const result of results) if (!result.ok) expect(result.message.length).toBeGreaterThan(10)
      expect(Object.keys(Object.prototype)).toEqual([])
    }),
    { numRuns: 200 },
  )
}, 60_000)

it('X1: every kind of broken line gets its own clear error, and the lines around it are applied', { timeout: 120_000 }, async () => {
  type Broken = [line: Buffer, message: RegExp]
  const refused = (message: RegExp, ...lines: (string | Buffer)[]) => fc.constantFrom(...lines).map((line): Broken => [Buffer.from(line), message])
  const account = (rest: string): string => `{"kind":"account","account":"broken"${rest}}`
  const attribute = (value: string): string =>
    `{"kind":"character","character":"broken-1","account":"broken","name":"Broken Bea","attributes":{"level":${value}}}`
  const nested = [10, 1_000, 100_000].map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`)
  const notUtf8 = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc0, 0xaf]]
  const broken = fc.oneof(
    refused(/longer than/, ...[1, 2, 50].map((more) => account(`,"displayName":"${'x'.repeat(MAX_LINE_BYTES + more)}"`))),
    refused(
      /not a line of JSON/,
      ...notUtf8.map((bytes) => Buffer.concat([Buffer.from('{"kind":"account","account":"a'), Buffer.from(bytes), Buffer.from('"}')])),
    ),
    refused(/level/, ...nested.map(attribute), ...['1e999', '-1e999', '1e309'].map(attribute)),
    refused(/kind/, ...nested, 'null', 'true', '7', '"account"', '[]', '[{"kind":"account","account":"broken"}]', '{}'),
    refused(/not a line of JSON/, ...['01', '+1', '.5', '1.', 'NaN', 'Infinity', '0x10'].map(attribute)),
    refused(
      /twice/,
      ...[',"account":"twin"', ',"kind":"account"', ',"\\u006bind":"guild"', ',"displayName":"A","displayName":"B"'].map(account),
      '{"kind":"character","character":"broken-1","account":"broken","name":"Broken Bea","attributes":{"level":1,"level":2}}',
    ),
    refused(
      /forbidden prototype/,
      ...['"__proto__":{"admin":true}', '"constructor":{"prototype":{}}', '"displayName":{"__proto__":1}', '"\\u005f_proto__":{"admin":true}'].map((rest) =>
        account(`,${rest}`),
      ),
    ),
    refused(/nrecognized/, ...['"toString":1', '"hasOwnProperty":true', '"":1', '"kind ":"account"'].map((rest) => account(`,${rest}`))),
    refused(/control character or half/, ...['\\u0000', '\\ud800', '\\udc00x', '\\u0007'].map((text) => `{"kind":"account","account":"a${text}"}`)),
    fc.integer({ min: 1, max: account('').length - 1 }).map((length): Broken => [Buffer.from(account('').slice(0, length)), /not a line of JSON/]),
  )
  const line = fc.oneof(broken, { weight: 1, arbitrary: fc.constant(undefined) })
  let made = 0
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 70_000 }), async (lines, piece) => {
      const right = heroes(`between-${made++}`, lines.length + 1)
      const wanted = [...lines.flatMap((one, n) => [one, right[n]]), right[lines.length]]
      const body = Buffer.concat(wanted.flatMap((one) => [Array.isArray(one) ? one[0] : Buffer.from(JSON.stringify(one ?? right[0])), Buffer.from('\n')]))
      const pieces = Array.from({ length: Math.ceil(body.length / piece) }, (_, n) => body.subarray(n * piece, (n + 1) * piece))
      const { status, results, end } = await api.importFile(pieces.length > 200 ? [body] : pieces)
      expect([status, end?.stopped]).toEqual([200, undefined])
      expect(results.map((result) => result.line)).toEqual(wanted.map((_, n) => n + 1))
      for (const [n, one] of wanted.entries()) {
        const sent = Array.isArray(one) ? one[0].subarray(0, 120).toString() : JSON.stringify(one)
        if (Array.isArray(one)) expect(results[n], sent).toMatchObject({ ok: false, code: 'BAD_REQUEST', message: expect.stringMatching(one[1]) })
        else expect(results[n], sent).toEqual({ line: n + 1, ok: true })
      }
      expect(Object.keys(Object.prototype)).toEqual([])
      expect(await store.accounts.account('broken')).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})
