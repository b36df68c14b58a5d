import { describe, expect, it } from 'vitest'
import { formatProblem, parsePolicies } from './parse.ts'

const version = (text: string): string => String(text.length)
const good = `apiVersion: strata.dev/v1alpha1
kind: MapPolicy
metadata: { name: forest }
spec:
  fleet: overworld
  capacity:
    soft: 80
    hard: 100
`
const problemsOf = (text: string): string[] => parsePolicies(text, 'forest.yaml', version).problems.map(formatProblem)

describe('policies', () => {
  it('fills in the defaults, and converts durations to milliseconds and shares to 0..1', () => {
    const { policies, problems } = parsePolicies(good, 'forest.yaml', version)
    expect(problems).toEqual([])
    expect(policies).toMatchObject([
      { map: 'forest', fleet: 'overworld', capacity: { soft: 80, hard: 100 }, merge: { below: 0.8, minAgeMs: 600_000 }, copies: { min: 0, warm: 'auto' } },
    ])
  })

  it('reads events by number, share and last, in the time zone of the event or the map', () => {
    const events = `${good}  timeZone: Europe/Berlin
  events:
    - { name: raid, schedule: "0 18 * * FRI", expect: 200 }
    - { name: fair, schedule: "0 12 * * *", expect: "+150%", timeZone: America/New_York }
    - { name: siege, schedule: "0 20 * * *", expect: last }
`
    const { policies, problems } = parsePolicies(events, 'forest.yaml', version)
    expect(problems).toEqual([])
    expect(policies[0]?.events).toMatchObject([
      { timeZone: 'Europe/Berlin', expect: { players: 200 } },
      { timeZone: 'America/New_York', expect: { share: 1.5 } },
      { expect: 'last' },
    ])
  })

  it('D4: names line and column of a schedule or a time zone that does not exist', () => {
    const wrong = (rest: string): string[] => problemsOf(`${good}  events:\n    - { name: raid, expect: 200, ${rest} }\n`)
    const five = 'write five cron fields: minute hour day month weekday, such as "0 */3 * * *" or "30 18 * * FRI"'
    expect(wrong('schedule: "x y z a b"')).toEqual([`forest.yaml:10:34 spec.events.0.schedule: ${five}`])
    expect(wrong('schedule: "0 25 * * *"')).toEqual([`forest.yaml:10:34 spec.events.0.schedule: ${five}`])
    expect(wrong('schedule: "0 12 30 2 *"')).toEqual(['forest.yaml:10:34 spec.events.0.schedule: "0 12 30 2 *" never comes: no year has such a date'])
    expect(wrong('schedule: "0 12 * * *", timeZone: Europe/Atlantis')[0]).toMatch(
      /^forest.yaml:10:58 spec.events.0.timeZone: "Europe\/Atlantis" is no time zone/,
    )
    expect(problemsOf(`${good}  timeZone: Mars\n`)[0]).toMatch(/^forest.yaml:9:3 spec.timeZone: "Mars" is no time zone/)
    expect(wrong('schedule: "0 12 * * *", expect: "500%"').length).toBeGreaterThan(0)
  })

  it('reads several documents and ignores Fleets', () => {
    const text = `${good}---\napiVersion: agones.dev/v1\nkind: Fleet\nmetadata: { name: overworld }\n---\n${good.replace('forest', 'hills')}`
    expect(parsePolicies(text, 'all.yaml', version)).toMatchObject({ policies: [{ map: 'forest' }, { map: 'hills' }], problems: [] })
  })

  it.each([
    [
      'an unknown key',
      good.replace('    hard: 100', '    hard: 100\n    hart: 3'),
      'forest.yaml:9:5 spec.capacity.hart: unknown key "hart"; did you mean "hard"?',
    ],
    ['a wrong unit', `${good}  open: { leadTime: 30 }\n`, 'forest.yaml:9:11 spec.open.leadTime: write a duration such as "30s", "10m" or "6h"'],
    ['a share without a percent sign', `${good}  merge:\n    below: "40"\n`, 'forest.yaml:10:5 spec.merge.below: write a share such as "75%"'],
    ['soft above hard', good.replace('80', '180'), 'forest.yaml:7:5 spec.capacity.soft: must not be above capacity.hard (100): write 100 or less'],
    [
      'merge.below not below merge.into',
      `${good}  merge: { below: 99% }\n`,
      'forest.yaml:9:12 spec.merge.below: must be less than merge.into (98%), or merged copies would be merged again',
    ],
    ['a missing field', good.replace('  fleet: overworld\n', ''), 'forest.yaml:4:1 spec.fleet: is missing (string)'],
    [
      'a fleet that is named twice',
      `${good}  fallbackFleets: [{ fleet: other }, { fleet: overworld }]\n`,
      'forest.yaml:9:40 spec.fallbackFleets.1.fleet: "overworld" is named before: remove one',
    ],
    ['a bad warm', `${good}  copies: { warm: lots }\n`, 'forest.yaml:9:13 spec.copies.warm: write "auto", a number of copies, or a share such as "20%"'],
    ['a bad name', good.replace('name: forest', 'name: The Forest'), 'forest.yaml:3:13 metadata.name: use lower-case letters, digits and dashes, at most 63'],
    ['no kind', 'spec: {}\n', 'forest.yaml:1:1 kind: write "kind: MapPolicy"'],
  ])('X1: %s is reported with line, column and what to write', (_, text, message) => {
    expect(problemsOf(text)).toContain(message)
    expect(parsePolicies(text, 'forest.yaml', version).policies).toEqual([])
  })

  it('X1: invalid YAML is reported with its line and column', () => {
    expect(problemsOf('kind: MapPolicy\nspec: [1, 2\n')[0]).toMatch(/^forest\.yaml:3:1 /)
  })

  it('X1: malformed text never throws', () => {
    for (const text of ['', '\u0000', '- 1\n- 2', '42', 'a: *b', '"unclosed', '{}', '? [1]\n: 2', '!!js/function "x"'])
      expect(() => parsePolicies(text, 'f', version)).not.toThrow()
  })
})
