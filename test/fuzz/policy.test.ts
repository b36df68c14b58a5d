import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parsePolicies } from '../../model/policy/parse.ts'
import { fuzz, roughText, timeout } from './fuzz.ts'

const folder = new URL('../../fleets/', import.meta.url)
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
/** Longest CPU time in ms for one file: a policy is read in the process that plans. */
const READ_MS = 1_000

/** What designers and attackers write in place of a value. */
const values = fc.constantFrom(
  '0',
  '-1',
  '1e999',
  '.nan',
  '.inf',
  '9007199254740993',
  '~',
  '""',
  '[]',
  '{}',
  '!!binary aGk=',
  '!!js/function x',
  '&a [*a]',
  '*a',
  '<<: *a',
  '? [x] : y',
  '__proto__: 1',
  '100000000000d',
  '400%',
  '@daily',
  '* * * * * * *',
  '2026-02-30T25:00',
  '|\n  x',
)

/** A shipped policy in which some places were overwritten, doubled or cut out. */
const changed = fc
  .tuple(
    fc.constantFrom(...shipped),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12), fc.oneof(values, roughText(6), fc.constant(''))), { minLength: 1, maxLength: 4 }),
  )
  .map(([text, edits]) => {
    let result = text
    for (const [where, cut, put] of edits) {
      const at = Math.floor(where * result.length)
      result = result.slice(0, at) + put + result.slice(at + cut)
    }
    return result
  })

/** A shipped policy in which one field has another value. */
const replaced = fc.tuple(fc.constantFrom(...shipped), fc.nat(), values).map(([text, which, value]) => {
  const lines = text.split('\n')
  const fields = lines.flatMap((line, index) => (/^\s*\w+:/.test(line) ? [index] : []))
  const index = fields[which % fields.length] ?? 0
  lines[index] = (lines[index] ?? '').replace(/:.*/, `: ${value}`)
  return lines.join('\n')
})

it('D4: any text is a policy or a list of problems with their lines, within a second of CPU time', { timeout }, async () => {
  await fuzz('policy', fc.oneof(changed, replaced, roughText(60)), 400, (text) => {
    const before = process.cpuUsage()
    const { policies, problems } = parsePolicies(text, 'fuzzed.yaml', () => 'v1')
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(READ_MS)
    const lines = text.split('\n').length
    for (const { line, column, problem } of problems) {
      expect([line >= 1 && line <= lines + 1, column >= 1, problem !== '']).toEqual([true, true, true])
    }
    for (const { capacity, copies } of policies) {
      expect(capacity.soft).toBeLessThanOrEqual(capacity.hard)
      expect([capacity.hard, copies.min, copies.max].every(Number.isSafeInteger)).toBe(true)
    }
  })
  expect(Object.keys(Object.prototype)).toEqual([])
})
