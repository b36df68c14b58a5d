import { describe, expect, it } from 'vitest'
import { allMetrics } from '../../checks/reference/metrics.ts'
import { slos } from '../../k8s/monitoring/slos.ts'
import { metricsIn, registeredName } from '../monitoring/promql.ts'
import { rules } from '../monitoring/rules.ts'
import { documents, textOf } from './manifests.ts'

const metrics = new Map((await allMetrics()).map((metric) => [metric.name, metric]))
const recorded = rules.flatMap(({ record }) => record ?? [])
const alerts = rules.filter(({ alert }) => alert !== undefined)
/** The headings of the runbook that name an alert, and the anchor of each. */
const chapters = [...textOf('docs/how-to/runbook.md').matchAll(/^## (Strata\w+)$/gm)].map(([, name = '']) => name)

describe('monitoring', () => {
  it('rules and the autoscaler use only metrics that a process registers, or that another rule records', () => {
    const adapter = documents('k8s/components/monitoring/prometheus-adapter.values.yaml')[0]?.['rules']?.['custom']
    const series = [...(adapter ?? [])].map((rule) => String(rule['seriesQuery']))
    const named = [...rules.map(({ expr }) => expr), ...series].flatMap(metricsIn)
    const known = (name: string): boolean => name === 'up' || recorded.includes(name) || metrics.has(registeredName(name))
    expect(named.length).toBeGreaterThan(rules.length)
    expect(named.filter((name) => !known(name))).toEqual([])
    expect(textOf('k8s/base/matchmaker.yaml')).toContain('name: strata_placements_per_second')
  })

  it('series of a histogram are asked for by the suffix, and those of a counter through rate or increase', () => {
    for (const { expr } of rules) {
      for (const name of metricsIn(expr)) {
        const type = metrics.get(registeredName(name))?.type
        if (type === 'histogram') expect([expr, name]).toEqual([expr, expect.stringMatching(/_(bucket|count|sum)$/)])
        if (type === 'counter' || type === 'histogram') expect(expr).toMatch(new RegExp(`(rate|increase)\\(${name}\\b`))
      }
    }
  })

  it('every bound of a histogram that a rule names is a bucket of the code', async () => {
    for (const { expr } of rules)
      for (const [, name = '', bound] of expr.matchAll(/(strata_\w+)_bucket\{le="([\d.]+)"\}/g))
        expect([name, metrics.get(name)?.buckets]).toEqual([name, expect.arrayContaining([Number(bound)])])
    expect(slos.length).toBeGreaterThan(3)
  })

  it('every alert has a severity, a summary, and a chapter in the runbook; every chapter has an alert', () => {
    expect(chapters.toSorted()).toEqual([...new Set(alerts.map(({ alert }) => alert))].toSorted())
    for (const { alert = '', labels, annotations } of alerts) {
      expect(['page', 'ticket']).toContain(labels?.['severity'])
      expect(annotations?.['summary']).toMatch(/\.$/)
      expect(annotations?.['runbook_url']).toBe(`https://github.com/strata-dev/strata/blob/main/docs/how-to/runbook.md#${alert.toLowerCase()}`)
    }
  })
})
