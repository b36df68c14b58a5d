import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { Counter, Histogram, type Registry } from 'prom-client'
import { startAtZero } from './zero.ts'

/** Upper bounds in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 10]
const classes = ['2xx', '4xx', '5xx']

type Route = Pick<RouteOptions, 'method' | 'url' | 'schema'>
type Reply = Pick<FastifyReply, 'statusCode' | 'elapsedTime'>

/** Hooks that count the requests of the routes that the API describes; probes are not counted. */
export function requestMetrics(registry: Registry) {
  const registers = [registry]
  const requests = new Counter({
    name: 'strata_http_requests_total',
    help: 'Requests of the HTTP API that were answered, by route and class of the status',
    labelNames: ['method', 'route', 'status'],
    registers,
  })
  const seconds = startAtZero(
    new Histogram({
      name: 'strata_http_request_seconds',
      help: 'Time from a request of the HTTP API to its answer. A poll of the line waits for up to ten seconds on purpose',
      labelNames: ['method'],
      buckets: SECONDS,
      registers,
    }),
    { method: ['GET', 'POST', 'PUT', 'DELETE'] },
  )
  return {
    onRoute({ method, url, schema }: Route): void {
      if (hidden(schema)) return
      for (const one of [method].flat()) if (one !== 'HEAD' && one !== 'OPTIONS') startAtZero(requests, { method: [one], route: [url], status: classes })
    },
    onResponse({ routeOptions: { url, schema, method } }: Pick<FastifyRequest, 'routeOptions'>, { statusCode, elapsedTime }: Reply): void {
      if (url === undefined || hidden(schema) || typeof method !== 'string' || method === 'OPTIONS') return
      requests.inc({ method, route: url, status: `${Math.floor(statusCode / 100)}xx` })
      seconds.observe({ method }, elapsedTime / 1_000)
    },
  }
}

function hidden(schema: Route['schema'] | undefined): boolean {
  return schema === undefined || ('hide' in schema && schema.hide === true)
}
