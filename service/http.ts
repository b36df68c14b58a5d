import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { hasZodFastifySchemaValidationErrors, serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Registry } from 'prom-client'
import type { AccessTable } from '../model/access/who.ts'
import { defined } from '../model/defined.ts'
import { StrataError } from '../model/errors.ts'
import { checkAccess } from './callers/guarded.ts'
import type { Certificate } from './keys/certificate.ts'
import type { Logger } from './log.ts'
import { requestMetrics } from './observe/requests.ts'
import { refuseUnstorable } from './storableRequest.ts'

export const BODY_LIMIT_BYTES = 64 * 1024
/** Longest part of a path, percent-encoded, in characters: an account's id has 255 characters of up to 12 (an emoji). The size of the request's head bounds all of it. */
const MAX_PARAM_LENGTH = 255 * 12

export type HttpApp = FastifyInstance<
  import('node:http').Server,
  import('node:http').IncomingMessage,
  import('node:http').ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

export interface Probes {
  registry: Registry
  /** Rejects with the reason while the process cannot do its work. */
  ready(): Promise<void>
}

export interface HttpOptions {
  /** Addresses (CIDR, comma-separated) of trusted proxies: their `x-forwarded-for` gives the client's address. Absent: the peer is the client. */
  trustProxy?: string | undefined
  /** Serves HTTPS with this certificate; a renewed certificate acts on new connections. Without it: HTTP. */
  certificate?: Certificate
  /** Who may call each route. With it, a route without a row or with another guard throws when it is added. */
  access?: AccessTable
  /** Counts and times the requests of the routes that have a schema. */
  measured?: boolean
}

/** Fastify server, with `/healthz`, `/readyz` and `/metrics` when `probes` are given. All its errors come from the catalogue in model/errors.ts. */
export function createHttp(log: Logger, probes: Probes | undefined, { trustProxy, certificate, access, measured = false }: HttpOptions = {}): HttpApp {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // Errors of the router come before any route and its error handler.
    frameworkErrors: (error, _request, reply: FastifyReply) => {
      const known = toStrataError(error)
      void reply.status(known.row.status).send(known.toJSON())
    },
    ...defined({ trustProxy, serverFactory: certificate && httpsServers(certificate) }),
  }).withTypeProvider<ZodTypeProvider>()
  if (access !== undefined) app.addHook('onRoute', checkAccess(access))
  if (probes !== undefined && measured) {
    const metrics = requestMetrics(probes.registry)
    app.addHook('onRoute', (route) => metrics.onRoute(route))
    app.addHook('onResponse', async (request, reply) => metrics.onResponse(request, reply))
  }
  app.addHook('preValidation', refuseUnstorable)
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error: FastifyError | StrataError, request, reply) => {
    const known = toStrataError(error, request.routeOptions.bodyLimit)
    if (known.row.status >= 500) request.log.error({ err: error, url: request.url, id: known.details['id'] }, known.message)
    void reply.status(known.row.status).send(known.toJSON())
  })
  app.setNotFoundHandler((request) => {
    throw new StrataError('NOT_FOUND', { path: request.url.slice(0, 200) })
  })
  if (probes === undefined) return app
  app.get('/healthz', { schema: { hide: true } }, () => ({ ok: true }))
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    try {
      await probes.ready()
      return { ready: true }
    } catch (error) {
      return reply.status(503).send({ ready: false, reason: error instanceof Error ? error.message : String(error) })
    }
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => reply.type(probes.registry.contentType).send(await probes.registry.metrics()))
  return app
}

/** Creates the HTTPS servers of one app (fastify creates one per address of `localhost`) and renews the certificate of all of them. */
function httpsServers(certificate: Certificate): (handler: RequestListener) => Server {
  const servers: Server[] = []
  certificate.onRenewal((credentials) => {
    for (const server of servers) server.setSecureContext(credentials)
  })
  return (handler) => {
    const server = createServer(certificate.credentials, handler)
    servers.push(server)
    return server
  }
}

/** Converts anything that was thrown to an error of the catalogue. */
export function toStrataError(error: unknown, bodyLimit = BODY_LIMIT_BYTES): StrataError {
  if (error instanceof StrataError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problem = error.validation
      .map((issue) => `${issue.instancePath.slice(1).replaceAll('/', '.') || 'body'}: ${issue.message ?? 'is not valid'}`)
      .join('; ')
    return new StrataError('BAD_REQUEST', { problem }, { cause: error })
  }
  const { code, statusCode, message } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new StrataError('BODY_TOO_LARGE', { limit: bodyLimit }, { cause: error })
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new StrataError('BAD_REQUEST', { problem: message ?? 'unreadable' }, { cause: error })
  // The message of an unknown error may hold statements, addresses or names: only the log has it, under the id.
  const id = randomUUID()
  return new StrataError('INTERNAL', { problem: `id ${id}`, id }, { cause: error })
}
