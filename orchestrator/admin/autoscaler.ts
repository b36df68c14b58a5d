import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { autoscalerAccess } from '../../model/access/routes.ts'
import type { FleetName } from '../../model/ids.ts'
import { createHttp } from '../../service/http.ts'
import type { Certificate } from '../../service/keys/certificate.ts'
import type { Logger } from '../../service/log.ts'

export const AUTOSCALER_PATH = '/v1/autoscale'
/** Largest review that is read, in bytes. A review lists the fleet's counters, lists, labels and annotations, so it may be larger than other requests. */
const BODY_LIMIT_BYTES = 256 * 1024

const count = z.int().min(0)

export interface AutoscalerEndpoint {
  host: string
  port: number
  certificate: Certificate
}

/** The fields of Agones' FleetAutoscaleReview that are read (autoscaling.agones.dev/v1). */
export const autoscaleReview = z.object({
  request: z.object({
    uid: z.string(),
    name: z.string(),
    status: z.object({ replicas: count, readyReplicas: count, reservedReplicas: count, allocatedReplicas: count }),
  }),
})
export type AutoscaleReview = z.infer<typeof autoscaleReview>

/**
 * The answer to Agones' review, with its uid. `wanted`: servers that the fleet shall have; when more are in use, the answer is that number. Undefined: `scale: false`, which leaves the
 * fleet as it is.
 */
export function answerReview({ request: { uid, status } }: AutoscaleReview, wanted: number | undefined) {
  const inUse = status.allocatedReplicas + status.reservedReplicas
  const replicas = wanted === undefined ? status.replicas : Math.max(wanted, inUse)
  return { response: { uid, scale: wanted !== undefined && replicas !== status.replicas, replicas } }
}

/**
 * Answers Agones' Webhook FleetAutoscaler over HTTPS, on a port of its own that only Agones' controller can reach. After an error, Agones leaves the fleet
 * as it is and asks again at its next interval.
 */
export async function serveAutoscaler(
  { host, port, certificate }: AutoscalerEndpoint,
  wantedServers: (fleet: FleetName) => Promise<number | undefined>,
  log: Logger,
): Promise<AsyncDisposable & { port: number }> {
  const http = createHttp(log, undefined, { certificate, access: autoscalerAccess })
  // The body is read as JSON whatever its content type is.
  http.addContentTypeParser('*', { parseAs: 'string' }, http.getDefaultJsonParser('error', 'error'))
  http.post(AUTOSCALER_PATH, { bodyLimit: BODY_LIMIT_BYTES, schema: { body: autoscaleReview } }, async ({ body }, reply) => {
    try {
      return answerReview(body, await wantedServers(body.request.name))
    } catch (error) {
      log.warn({ err: error }, 'could not answer the autoscaler; it asks again')
      return reply.status(503).send({ error: error instanceof Error ? error.message : String(error) })
    }
  })
  await http.listen({ host, port })
  return {
    port: (http.server.address() as AddressInfo).port, // a TCP server's address is never a string
    [Symbol.asyncDispose]: () => http.close(),
  }
}
