import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { root } from '../k8s/manifests.ts'
import { monitoring } from './rules.ts'

const folder = join(root, monitoring, 'dashboards')
const target = z.object({
  refId: z.string(),
  expr: z.string(),
  legendFormat: z.string(),
  datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('$datasource') }),
})
const panel = z.object({
  id: z.int(),
  type: z.literal('timeseries'),
  title: z.string().min(3),
  description: z.string().min(3),
  datasource: z.object({ type: z.literal('prometheus'), uid: z.literal('$datasource') }),
  gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) }),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
  targets: z.array(target).min(1),
})
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(panel).min(1),
})
export type Dashboard = z.infer<typeof dashboard>

/** The content of the files. `grafanaTypes.ts` says whether Grafana accepts it. */
export const dashboardContents: ReadonlyMap<string, unknown> = new Map(
  readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]),
)

/** The same as the tests read it. Throws when one lacks what Strata demands of its own dashboards. */
export const dashboardFiles: ReadonlyMap<string, Dashboard> = new Map([...dashboardContents].map(([file, content]) => [file, dashboard.parse(content)]))

/** The queries of all panels, with values in place of Grafana's variables. */
export function dashboardQueries(): string[] {
  return [...dashboardFiles.values()].flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => withValues(expr))))
}

function withValues(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$map', '.*')
}
