import { readdirSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { allMetrics } from './metrics.ts'
import { metricsReference } from './metricsPage.ts'

const metrics = await allMetrics()
const UNITS = /_(seconds|minutes|bytes|players)$/

describe('metrics', () => {
  it('every name begins with strata_, and ends with _total exactly when it is a counter', () => {
    expect(metrics.length).toBeGreaterThan(70)
    for (const { name, type } of metrics) {
      expect(name).toMatch(/^strata_[a-z_]+$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
    }
  })

  it('every histogram has its unit in its name', () => {
    for (const { name } of metrics.filter(({ type }) => type === 'histogram')) expect(name).toMatch(UNITS)
  })

  it('every help text is one line that begins with a capital and ends without a full stop', () => {
    for (const { name, help } of metrics) expect([name, help]).toEqual([name, expect.stringMatching(/^[A-Z0-9][^\n]{9,}[^.\n]$/)])
  })

  it('a counter with a label that has a closed set of values starts each of its series', () => {
    // These labels have values that the code does not know: names of maps, routes, codes, functions of the game.
    const open = ['map', 'route', 'method', 'status', 'copy', 'fleet', 'function']
    for (const { name, type, labels } of metrics)
      for (const label of labels) if (type === 'counter' && !open.includes(label.name)) expect([name, label.values.length > 0]).toEqual([name, true])
  })

  it('the page has every metric once', async () => {
    const page = await metricsReference()
    expect([...page.matchAll(/^\| `(strata_\w+)` \|/gm)].map(([, name]) => name).sort()).toEqual(metrics.map(({ name }) => name))
  })

  it('every name of a metric in the sources is registered by the reference', () => {
    const houses = ['matchmaker', 'orchestrator', 'gameserver', 'store', 'service', 'directory']
    const files = houses.flatMap((house) => readdirSync(house, { recursive: true, encoding: 'utf8' }).map((file) => `${house}/${file}`))
    const found = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts')).flatMap(metricNamesIn)
    expect(found.length).toBeGreaterThan(60)
    const known = new Set(metrics.map(({ name }) => name))
    expect(found.filter((name) => !known.has(name))).toEqual([])
  })
})

/** The values of `name: 'strata_…'` in a file. */
function metricNamesIn(file: string): string[] {
  const names: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'name' && ts.isStringLiteral(node.initializer) && node.initializer.text.startsWith('strata_'))
      names.push(node.initializer.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))
  return names
}
