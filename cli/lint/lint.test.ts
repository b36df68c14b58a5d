import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type CliResult, scratchFolder, strata } from '../../test/cli/terminal.ts'

let folder: string
beforeEach(async () => {
  folder = await scratchFolder()
})
afterEach(() => rm(folder, { recursive: true }))

const policy = (map: string, spec: string): string =>
  `apiVersion: strata.dev/v1alpha1\nkind: MapPolicy\nmetadata: { name: ${map} }\nspec:\n  fleet: overworld\n${spec}`
const good = '  capacity: { soft: 40, hard: 50 }\n'
const fleet =
  'apiVersion: agones.dev/v1\nkind: Fleet\nmetadata: { name: overworld }\nspec:\n  replicas: 2\n  allocationOverflow: { annotations: { strata.dev/drain: update } }\n  template: { spec: {} }\n'

async function lint(files: Record<string, string>, ...args: string[]): Promise<CliResult> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return strata(['lint', ...args], { folder })
}

it('the policies in fleets/ have no mistakes', async () => {
  expect(await strata(['lint'])).toMatchObject({ code: 0, out: expect.stringMatching(/^✓ \d+ policies and 1 Fleet in \d+ files are good\n$/) })
})

it('X1: each mistake is reported with file, line, column and what to write instead; the exit code is 1', async () => {
  const { code, out } = await lint(
    {
      'forest.yaml': policy('forest', '  capacity: { soft: 60, hard: 50 }\n  marge: { below: 40 }\n'),
      'hills.yaml': policy(
        'hills',
        `  kind: zoo\n  capacity: { soft: many, hard: 0 }\n  copies: [{ min: 1 }]\n  merge: { below: 40 }\n  placement: { weights: { guild: -1 }, chooseCopy: maybe }\n  queue: { classes: member, max: 1.5 }\n`,
      ),
      'marsh.yaml': policy('marsh', '  capacity: { soft: 60, hard: 50 }\n'),
      'overworld.fleet.yaml': fleet.replace('replicas: 2', 'replicas: two').replace('spec: {}', 'spec: { health: { periodSeconds: 0 } }'),
      'torn.yaml': 'kind: MapPolicy\nspec: [\n',
    },
    '.',
  )
  expect(code).toBe(1)
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    forest.yaml:7:3 spec.marge: unknown key "marge"; did you mean "merge"?
    hills.yaml:6:3 spec.kind: write "zone" or "instance", not "zoo"
    hills.yaml:7:15 spec.capacity.soft: write a number, not "many"
    hills.yaml:7:27 spec.capacity.hard: write 1 or more
    hills.yaml:8:3 spec.copies: write fields such as { name: value }, not [{"min":1}]
    hills.yaml:9:12 spec.merge.below: write a share such as "75%"
    hills.yaml:10:27 spec.placement.weights.guild: write 0 or more
    hills.yaml:10:40 spec.placement.chooseCopy: write true or false, not "maybe"
    hills.yaml:11:12 spec.queue.classes: write a list such as [a, b], not "member"
    hills.yaml:11:29 spec.queue.max: write a whole number, not 1.5
    marsh.yaml:6:15 spec.capacity.soft: must not be above capacity.hard (50): write 50 or less
    overworld.fleet.yaml:5:3 spec.replicas: write a number, not "two"
    overworld.fleet.yaml:7:33 spec.template.spec.health.periodSeconds: write more than 0
    torn.yaml:3:1 Flow sequence in block collection must be sufficiently indented and end with a ]
    14 mistakes
    "
  `)
})

it('X1: mistakes across files are reported: an unknown fleet or neighbour, a duplicate map', async () => {
  const neighbours = '  neighbours: [{ map: hlils, edge: east }]\n'
  const { code, out } = await lint(
    {
      'a.yaml': policy('forest', good + neighbours).replace('fleet: overworld', 'fleet: overwrold'),
      'b.yaml': `${policy('hills', good)}---\n${policy('forest', good)}`,
      'c.yaml': fleet,
    },
    '.',
  )
  expect(code).toBe(1)
  expect(`\n${out}`).toMatchInlineSnapshot(`
    "
    a.yaml:5:3 spec.fleet: there is no Fleet "overwrold"; did you mean "overworld"?
    a.yaml:7:18 spec.neighbours.0.map: there is no policy for a map "hlils"; did you mean "hills"?
    b.yaml:10:13 metadata.name: there is another MapPolicy "forest" in a.yaml; keep one
    3 mistakes
    "
  `)
})

it('X1: a fallback fleet that does not exist is reported', async () => {
  const { code, out } = await lint({ 'a.yaml': policy('forest', `${good}  fallbackFleets: [{ fleet: overwrold }]\n`), 'c.yaml': fleet }, '.')
  expect(code).toBe(1)
  expect(out).toContain('a.yaml:7:22 spec.fallbackFleets.0.fleet: there is no Fleet "overwrold"; did you mean "overworld"?')
})

it('a single policy may name a fleet and neighbours of other files', async () => {
  const alone = await lint({ 'forest.yaml': policy('forest', `${good}  neighbours: [{ map: hills, edge: east }]\n`) }, 'forest.yaml')
  expect(alone).toMatchObject({ code: 0, out: '✓ 1 policy and 0 Fleets in 1 file are good\n' })
})

it('--json prints problems with their positions, and the valid policies', async () => {
  const { code, out } = await lint(
    { 'forest.yaml': policy('forest', '  capacity: { soft: 60, hard: 50 }\n'), 'hills.yaml': policy('hills', good) },
    '.',
    '--json',
  )
  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    problems: [{ file: 'forest.yaml', line: 6, column: 15, path: 'spec.capacity.soft', map: 'forest' }],
    policies: [{ map: 'hills', file: 'hills.yaml', version: expect.stringMatching(/^[0-9a-f]{8}$/) }],
    fleets: [],
  })
})

it('X1: a missing path or a folder without policies is wrong use', async () => {
  expect(await lint({}, 'nowhere.yaml')).toMatchObject({ code: 2, problems: expect.stringContaining('nowhere.yaml: it does not exist') })
  expect(await lint({}, '.')).toMatchObject({ code: 2, problems: expect.stringContaining('there is no .yaml file in it') })
})

it('a Fleet without the drain annotation is reported', async () => {
  const { code, out } = await lint({ 'a.fleet.yaml': fleet.replace(/ {2}allocationOverflow.*\n/, '') }, '.')
  expect(code).toBe(1)
  expect(out).toMatch(/^a\.fleet\.yaml:4:1 spec\.allocationOverflow\.annotations: add \{ strata\.dev\/drain: update \}/)
})

it('X1: --code reports the weight of a signal that the placement code of the game lacks', async () => {
  await writeFile(join(folder, 'code.ts'), 'export const signals = { mentors: () => 1 }\n')
  const weighed = `${good}  placement:\n    weights:\n      game: { mentors: 3, mentor: 5, unused: 0 }\n`
  const { code, out } = await lint({ 'forest.yaml': policy('forest', weighed) }, 'forest.yaml', '--code', 'code.ts')
  expect([code, out]).toEqual([
    1,
    'forest.yaml:9:27 spec.placement.weights.game.mentor: the placement code has no signal "mentor"; did you mean "mentors"?\n1 mistake\n',
  ])
  expect(await lint({}, 'forest.yaml')).toMatchObject({ code: 0 })
  await writeFile(join(folder, 'keys.ts'), "export const instanceKeys = { guildRaid: () => 'all' }\n")
  const keyed = policy('cave', `${good}  kind: instance\n  instance: { key: guildRade }\n`)
  expect((await lint({ 'cave.yaml': keyed }, 'cave.yaml', '--code', 'keys.ts')).out).toContain(
    'spec.instance.key: the placement code has no instance key "guildRade"; did you mean "guildRaid"?',
  )
  expect(await lint({}, 'forest.yaml', '--code', 'absent.ts')).toMatchObject({ code: 2, problems: expect.stringContaining('PLACEMENT_CODE is not valid') })
})
