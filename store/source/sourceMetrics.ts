import { Counter, Histogram, type Registry } from 'prom-client'

export type SourceMetrics = ReturnType<typeof sourceMetrics>

/** The metrics of the studio's social graph. They exist with `SOCIAL_SOURCE=http` only. */
export function sourceMetrics(registry: Registry) {
  const registers = [registry]
  const requests = new Counter({
    name: 'strata_social_source_requests_total',
    help: "Requests to the studio's social graph, by result: ok, failed, or invalid for an answer that does not match the format",
    labelNames: ['result'],
    registers,
  })
  for (const result of ['ok', 'failed', 'invalid']) requests.inc({ result }, 0)
  const answers = new Counter({
    name: 'strata_social_source_answers_total',
    help: 'Characters whose friends and blocks were read, by origin: endpoint, cache, last_known (the endpoint was slow or down), or none',
    labelNames: ['from'],
    registers,
  })
  for (const from of ['endpoint', 'cache', 'last_known', 'none']) answers.inc({ from }, 0)
  const seconds = new Histogram({
    name: 'strata_social_source_seconds',
    help: "Time of a request to the studio's social graph",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  return { requests, answers, seconds }
}
