import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { cohesion } from './cohesion.ts'
import { fleets } from './fleets.ts'
import { moves } from './moves.ts'
import { placement } from './placement.ts'
import { rooms } from './rooms.ts'
import type { DashboardSpec, PanelSpec } from './spec.ts'
import { stores } from './stores.ts'
import { world } from './world.ts'

export const dashboards: readonly DashboardSpec[] = [world, placement, moves, rooms, fleets, stores, cohesion]

/** The user of the dashboard chooses the Prometheus. */
const source = { type: 'prometheus', uid: '$datasource' }
/** Two panels in a row of 24 columns. */
const [WIDTH, HEIGHT] = [12, 8]

/** Text of one file of k8s/components/monitoring/dashboards. */
export function dashboardText({ name, title, about, byMap, panels }: DashboardSpec): string {
  const builder = new DashboardBuilder(title)
    .uid(`strata-${name}`)
    .description(about)
    .tags(['strata'])
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
  if (byMap === true) builder.withVariable(mapVariable())
  for (const [index, panel] of panels.entries()) builder.withPanel(panelOf(panel, index + 1))
  return `${JSON.stringify(builder.build(), undefined, 2)}\n`
}

function mapVariable(): QueryVariableBuilder {
  return new QueryVariableBuilder('map')
    .label('Map')
    .datasource(source)
    .query('label_values(strata_copies, map)')
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
}

function panelOf({ title, about, unit, queries, stacked, limit, signed }: PanelSpec, id: number): PanelBuilder {
  const panel = new PanelBuilder()
    .id(id)
    .title(title)
    .description(about)
    .unit(unit)
    .datasource(source)
    .span(WIDTH)
    .height(HEIGHT)
    .legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom))
    .tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending))
  if (signed !== true) panel.min(0)
  if (stacked === true) panel.fillOpacity(30).stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal))
  if (limit !== undefined) {
    panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed))
    panel.thresholds(
      new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
        { value: null, color: 'green' },
        { value: limit, color: 'red' },
      ]),
    )
  }
  for (const [index, { expr, legend }] of queries.entries()) {
    panel.withTarget(
      new DataqueryBuilder()
        .datasource(source)
        .refId(String.fromCharCode('A'.charCodeAt(0) + index))
        .expr(expr)
        .legendFormat(legend),
    )
  }
  return panel
}
