import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseLine } from '../../matchmaker/studio/checkLine.ts'
import { importStream } from '../../matchmaker/studio/importStream.ts'
import { defaultNameRules } from '../../model/people/names.ts'
import { fuzz, roughText, timeout } from './fuzz.ts'

const id = fc.oneof(fc.constantFrom('a', 'b', '', '\0', '__proto__', 'x'.repeat(300)), roughText(5))
/** Lines close to real ones. */
const record = fc.record(
  {
    kind: fc.constantFrom('account', 'character', 'friendship', 'block', 'guild', '__proto__'),
    account: id,
    character: id,
    blocked: id,
    guild: id,
    name: roughText(6),
    languages: fc.array(fc.oneof(fc.constantFrom('de', 'pt-BR', 'x'), roughText(3)), { maxLength: 3 }),
    attributes: fc.dictionary(id, fc.jsonValue(), { maxKeys: 3 }),
    characters: fc.array(id, { maxLength: 3 }),
    members: fc.array(fc.record({ character: id, rank: fc.constantFrom('leader', 'member', 'god') }, { requiredKeys: [] }), { maxLength: 3 }),
  },
  { requiredKeys: ['kind'] },
)
const line = fc.oneof(
  { weight: 3, arbitrary: record.map((value) => JSON.stringify(value)) },
  fc.json(),
  roughText(20),
  fc.constantFrom('', ' ', '{"__proto__":{"kind":"account"}}', '{"constructor":{"prototype":{"x":1}}}', '['.repeat(2_000)),
)

it('X1: any file is answered with one result for each line, and imports only what the check admitted', { timeout }, async () => {
  const input = fc.record({ lines: fc.array(line, { maxLength: 12 }), cuts: fc.array(fc.nat(), { maxLength: 6 }), end: fc.constantFrom('', '\n', '\r\n') })
  await fuzz('ndjson', input, 400, async ({ lines, cuts, end }) => {
    const body = Buffer.from(lines.join('\n') + end)
    const errors: unknown[] = []
    let applied = 0
    const answer = await collected(
      importStream(chunked(body, cuts), {
        studio: {
          apply: async (wanted) => {
            applied += wanted.length
            return wanted.map(() => ({ ok: true }))
          },
        },
        check: (bytes) => parseLine(bytes, defaultNameRules),
        from: 1,
        results: 'all',
        signal: new AbortController().signal,
        onError: (error) => errors.push(error),
      }),
    )
    expect(errors).toEqual([])
    const results = answer
      .join('')
      .trim()
      .split('\n')
      .map((text): { line?: number; ok?: boolean; end?: { applied: number; refused: number; next: number } } => JSON.parse(text))
    const told = results.slice(0, -1)
    const last = results.at(-1)?.end
    expect(last).toMatchObject({ applied, refused: told.length - applied })
    expect(told.filter(({ ok }) => ok === true)).toHaveLength(applied)
    expect(told.map((result) => result.line)).toEqual(told.map((result) => result.line).toSorted((a = 0, b = 0) => a - b))
    expect((Object.prototype as { kind?: unknown }).kind).toBeUndefined()
  })
})

async function collected(pieces: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

async function* chunked(body: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (body.length + 1)), body.length])].sort((a, b) => a - b)
  for (const [index, from] of places.entries()) yield body.subarray(from, places[index + 1] ?? body.length)
}
