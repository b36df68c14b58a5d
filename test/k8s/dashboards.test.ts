import { describe, expect, it } from 'vitest'
import { allMetrics } from '../../checks/reference/metrics.ts'
import { type Dashboard, dashboardContents, dashboardFiles, dashboardQueries } from '../monitoring/dashboards.ts'
import { dashboardErrors } from '../monitoring/grafanaTypes.ts'
import { metricsIn, registeredName } from '../monitoring/promql.ts'
import { rules } from '../monitoring/rules.ts'
import { documents } from './manifests.ts'

describe('dashboards', () => {
  it('every file is in the ConfigMap that Grafana finds by its label', () => {
    const generators = [...(documents('k8s/components/monitoring/kustomization.yaml')[0]?.['configMapGenerator'] ?? [])]
    expect(generators).toHaveLength(1)
    expect(generators[0]?.['options']?.['labels']).toEqual({ grafana_dashboard: '1' })
    expect([...(generators[0]?.['files'] ?? [])]).toEqual([...dashboardFiles.keys()].map((file) => `dashboards/${file}`).sort())
  })

  it("every file is a dashboard by Grafana's published types, which refuse a wrong one", () => {
    const [whole] = [...dashboardContents.values()] as (Record<string, unknown> & Dashboard)[] // `dashboardFiles` has parsed it
    if (whole === undefined) throw new Error('there is no dashboard')
    const { schemaVersion: _, ...versionless } = whole
    const withPanel = (change: object) => ({ ...whole, panels: whole.panels.map((panel, index) => (index === 0 ? { ...panel, ...change } : panel)) })
    const options = (displayMode: string) => ({
      legend: { displayMode, placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    })
    const wrong: Record<string, unknown> = {
      schemaVersion: versionless,
      graphTooltip: { ...whole, graphTooltip: 7 },
      panel: { ...whole, panel: [] },
      querry: { ...whole, templating: { list: [{ type: 'querry', name: 'map' }] } },
      type: withPanel({ type: 'timeserie' }),
      titel: withPanel({ titel: 'A title' }),
      displayMode: withPanel({ options: options('lst') }),
      tooltip: withPanel({ options: { legend: options('list').legend } }),
      unit: withPanel({ fieldConfig: { defaults: { custom: {}, unit: 5 }, overrides: [] } }),
      drawStyle: withPanel({ fieldConfig: { defaults: { custom: { drawStyle: 'dots' } }, overrides: [] } }),
      expr: withPanel({ targets: [{ refId: 'A' }] }),
      format: withPanel({ targets: [{ expr: 'up', format: 'series' }] }),
    }
    const right = withPanel({ options: options('table') })
    const errors = dashboardErrors(new Map([...dashboardContents, ...Object.entries({ right, ...wrong })]))
    for (const name of [...dashboardContents.keys(), 'right']) expect([name, errors.get(name)]).toEqual([name, []])
    for (const name of Object.keys(wrong)) expect([name, errors.get(name)?.join('\n')]).toEqual([name, expect.stringContaining(name)])
  })

  it('addresses and panels are unique, and no panel covers another', () => {
    const all = [...dashboardFiles.values()]
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length)
    for (const { panels, title } of all) {
      for (const key of ['id', 'title'] as const) expect([title, new Set(panels.map((panel) => panel[key])).size]).toEqual([title, panels.length])
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`))
      expect([title, new Set(cells).size]).toEqual([title, cells.length])
      for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    }
  })

  it('every variable of a query is declared, and every declared one is used', () => {
    for (const { title, panels, templating } of dashboardFiles.values()) {
      const text = JSON.stringify(panels)
      const used = new Set([...text.matchAll(/\$([a-z]\w*)/g)].map(([, name]) => name))
      expect([title, [...used].sort()]).toEqual([title, templating.list.map(({ name }) => name).sort()])
    }
  })

  it('every query is PromQL over metrics that a process serves, or that a rule records', async () => {
    const known = new Set([...(await allMetrics()).map(({ name }) => name), ...rules.flatMap(({ record }) => record ?? []), 'up'])
    const ofNode = /^(process|nodejs)_/
    const named = dashboardQueries().flatMap(metricsIn)
    expect(named.length).toBeGreaterThan(80)
    expect(named.filter((name) => !known.has(name) && !known.has(registeredName(name)) && !ofNode.test(name))).toEqual([])
  })
})
