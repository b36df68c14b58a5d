import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createApp } from '../../../matchmaker/http/app.ts'
import { VirtualClock } from '../../../model/clock.ts'
import { AdminGuard } from '../../../orchestrator/access/adminGuard.ts'
import { sessionRoutes } from '../../../orchestrator/access/sessionRoutes.ts'
import { adminRoutes } from '../../../orchestrator/admin/adminApi.ts'
import { holdRoutes } from '../../../orchestrator/admin/holdRoutes.ts'
import { worldRoutes } from '../../../orchestrator/admin/worldRoutes.ts'
import { policyRoutes } from '../../../orchestrator/console/policyRoutes.ts'
import { liveRoutes } from '../../../orchestrator/live/liveRoutes.ts'
import { recordingRoutes } from '../../../orchestrator/recording/recordingRoutes.ts'
import { createHttp } from '../../../service/http.ts'
import type { OpenApi } from './openApi.ts'

const log = pino({ level: 'silent' })
/** Stands for everything that a handler needs: no handler runs here, only the schemas of the routes are read. */
// biome-ignore lint/suspicious/noExplicitAny: it takes the place of parts of many types
const absent: any = new Proxy(() => absent, { get: (_target, name) => (typeof name === 'symbol' || name === 'then' ? undefined : absent) })

/** The OpenAPI description of the matchmaker, which it serves at `/openapi.json`. */
export async function matchmakerApi(): Promise<OpenApi> {
  const app = await createApp({
    parts: absent,
    accounts: absent,
    social: absent,
    studio: absent,
    webhooks: absent,
    economy: absent,
    characters: absent,
    sessions: absent,
    registry: new Registry(),
    log,
    clock: new VirtualClock(0),
    ready: async () => undefined,
    perSessionPerSecond: 1,
    perAddressPerSecond: 1,
    origin: '*',
  })
  return described(app)
}

/** The routes of the orchestrator in the same form. */
export async function orchestratorApi(): Promise<OpenApi> {
  const http = createHttp(log, undefined)
  await http.register(swagger, { openapi: { info: { title: 'Strata orchestrator', version: '1' } }, transform: jsonSchemaTransform })
  const guard = new AdminGuard(absent)
  // Every part that a group of routes takes, by its name.
  const parts = new Proxy(absent, { get: (_target, name) => (name === 'guard' ? guard : absent) })
  sessionRoutes(http, parts)
  liveRoutes(http, parts)
  adminRoutes(http, parts)
  holdRoutes(http, parts)
  policyRoutes(http, parts)
  recordingRoutes(http, parts)
  worldRoutes(http, parts)
  return described(http)
}

async function described(app: Pick<FastifyInstance, 'ready' | 'swagger' | 'close'>): Promise<OpenApi> {
  await app.ready()
  const description = app.swagger() as OpenApi // the parts that the page reads
  await app.close()
  return description
}
