import type { Counter, Histogram } from 'prom-client'

/** Known values of each label. */
export type KnownValues<Label extends string> = Record<Label, readonly string[]>

/**
 * Starts a series for every combination of known values. Without it a series begins with its first event: `rate()` does not see that event, and an alert on a
 * series that does not exist never fires.
 */
export function startAtZero<Label extends string, Metric extends Counter<Label> | Histogram<Label>>(metric: Metric, values: KnownValues<Label>): Metric {
  for (const labels of combinations(values)) {
    if ('zero' in metric) metric.zero(labels)
    else metric.inc(labels, 0)
  }
  return metric
}

function combinations<Label extends string>(values: KnownValues<Label>): Partial<Record<Label, string>>[] {
  const entries = Object.entries(values) as [Label, readonly string[]][] // Object.entries widens the keys
  return entries.reduce<Partial<Record<Label, string>>[]>((all, [label, some]) => all.flatMap((one) => some.map((value) => ({ ...one, [label]: value }))), [{}])
}
