/** Units as Grafana names them. */
export type Unit = 'short' | 's' | 'percentunit' | 'Bps' | 'reqps' | 'ops'

export interface Query {
  expr: string
  /** Text of the legend; `{{label}}` is the value of a label. */
  legend: string
}

export interface PanelSpec {
  title: string
  /** What it shows, and when to worry. */
  about: string
  unit: Unit
  queries: readonly Query[]
  /** Areas on top of each other instead of lines. */
  stacked?: boolean
  /** Values may be below 0. */
  signed?: true
  /** A line at this value: a limit or an objective. */
  limit?: number
}

export interface DashboardSpec {
  /** Name of the file, and the end of the address in Grafana. */
  name: string
  title: string
  about: string
  /** Whether it can be narrowed to some maps (`$map`). */
  byMap?: true
  panels: readonly PanelSpec[]
}

/** A rate over Grafana's own window, which fits the scrape interval and the time shown. */
export function rate(series: string): string {
  return `rate(${series}[$__rate_interval])`
}

/** Lines of the given quantiles of a histogram. */
export function quantiles(
  histogram: string,
  { matchers = '', by = '', of = [0.5, 0.99] }: { matchers?: string; by?: string; of?: readonly number[] } = {},
): Query[] {
  const labels = by === '' ? 'le' : `le, ${by}`
  return of.map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${labels}) (${rate(`${histogram}_bucket${matchers}`)}))`,
    legend: `p${quantile * 100}${by === '' ? '' : ` {{${by}}}`}`,
  }))
}
