import { describe, expect, it } from 'vitest'
import { manifestsIn, sourcesOf, textOf } from './manifests.ts'

const folder = 'k8s/components/monitoring'
const sources = sourcesOf('orchestrator', 'matchmaker', 'gameserver', 'store', 'service')
const rules = manifestsIn(`${folder}/alerts.yaml`).flatMap(({ object }) =>
  [...(object['spec']?.['groups'] ?? [])].flatMap((group) => [...(group['rules'] ?? [])]),
)

/** The metrics in a query, without the suffixes that Prometheus adds to histograms. */
const metricsIn = (query: string): string[] => [...query.matchAll(/\bstrata_[a-z_]+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))

describe('monitoring', () => {
  it('alerts and the autoscaler use only metrics that exist', () => {
    const expressions = rules.map((rule) => String(rule['expr']))
    const named = [...expressions, textOf(`${folder}/prometheus-adapter.values.yaml`)].flatMap(metricsIn)
    const made = new Set([...metricsIn(sources), 'strata_placements_per_second'])
    expect(named.length).toBeGreaterThan(expressions.length)
    expect(named.filter((name) => !made.has(name))).toEqual([])
    expect(textOf('k8s/base/matchmaker.yaml')).toContain('name: strata_placements_per_second')
  })

  it('every alert has a chapter in the runbook, and every chapter an alert', () => {
    const chapters = [...textOf('docs/how-to/runbook.md').matchAll(/^## (Strata\w+)/gm)].map(([, name]) => name)
    expect(chapters.toSorted()).toEqual(rules.map((rule) => String(rule['alert'])).toSorted())
  })
})
