import { type Report, rounded } from '../report.ts'

interface Times {
  count: number
  sum: number
  /** Number of times up to each bound in seconds, ascending. */
  buckets: Map<number, number>
}

/** The two parts of the held time that the servers measure. What is left is the way of `hold`, `go` and `activate` through the client, and of `live` to it. */
const parts = { release: 'strata_gameserver_release_seconds', claim: 'strata_gameserver_claim_seconds' }

/** Where bodies were held, from the metrics of all servers (`HOST:PORT`): in A until the database has released them, and in B from `activate` until they are live. */
export async function heldParts(servers: readonly string[]): Promise<Report> {
  const texts = await Promise.all(servers.map(async (server) => (await fetch(`http://${server}/metrics`)).text()))
  const report: Report = {}
  for (const [part, metric] of Object.entries(parts)) {
    const times = together(texts.map((text) => timesOf(text, metric)))
    report[`${part}MeanMs`] = rounded((1_000 * times.sum) / times.count)
    report[`${part}P99UpToMs`] = rounded(1_000 * boundOf(times, 0.99))
  }
  return report
}

function timesOf(text: string, metric: string): Times {
  const values = (suffix: string): RegExpMatchArray[] => [...text.matchAll(new RegExp(`^${metric}_${suffix}(?:\\{([^}]*)\\})? (\\S+)$`, 'gm'))]
  const one = (suffix: string): number => values(suffix).reduce((sum, [, , value]) => sum + Number(value), 0)
  const buckets = new Map<number, number>()
  for (const [, labels = '', value] of values('bucket')) {
    const bound = /le="([^"]+)"/.exec(labels)?.[1] ?? ''
    buckets.set(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), Number(value))
  }
  return { count: one('count'), sum: one('sum'), buckets }
}

function together(all: readonly Times[]): Times {
  const sum: Times = { count: 0, sum: 0, buckets: new Map() }
  for (const { count, sum: seconds, buckets } of all) {
    sum.count += count
    sum.sum += seconds
    for (const [bound, below] of buckets) sum.buckets.set(bound, (sum.buckets.get(bound) ?? 0) + below)
  }
  return sum
}

/** The least bound that this share of the times does not exceed. */
function boundOf({ count, buckets }: Times, share: number): number {
  for (const [bound, below] of [...buckets].toSorted(([a], [b]) => a - b)) if (below >= share * count) return bound
  return Number.POSITIVE_INFINITY
}
