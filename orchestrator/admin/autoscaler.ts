import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import type { FleetName } from '../../model/ids.ts'
import type { Certificate } from '../../service/certificate.ts'
import type { Logger } from '../../service/log.ts'

export const AUTOSCALER_PATH = '/v1/autoscale'
const BODY_LIMIT_BYTES = 256 * 1024

const count = z.int().min(0)

export interface AutoscalerEndpoint {
  host: string
  port: number
  certificate: Certificate
}

/** The part of Agones' FleetAutoscaleReview that is read (autoscaling.agones.dev/v1). */
export const autoscaleReview = z.object({
  request: z.object({
    uid: z.string(),
    name: z.string(),
    status: z.object({ replicas: count, readyReplicas: count, reservedReplicas: count, allocatedReplicas: count }),
  }),
})
export type AutoscaleReview = z.infer<typeof autoscaleReview>

/** As Agones reads it back: the same uid; `scale: false` leaves the fleet as it is. */
export function answerReview({ request: { uid, status } }: AutoscaleReview, wanted: number | undefined) {
  const inUse = status.allocatedReplicas + status.reservedReplicas
  const replicas = wanted === undefined ? status.replicas : Math.max(wanted, inUse)
  return { response: { uid, scale: wanted !== undefined && replicas !== status.replicas, replicas } }
}

/**
 * Answers Agones' Webhook FleetAutoscaler over TLS. On a port of its own: it is reached by Agones' controller alone. An error
 * here leaves the fleet as it is, and Agones asks again at its next interval.
 */
export async function serveAutoscaler(
  { host, port, certificate }: AutoscalerEndpoint,
  wanted: (fleet: FleetName) => Promise<number | undefined>,
  log: Logger,
): Promise<AsyncDisposable & { port: number }> {
  const server = createServer(certificate.credentials, (request, response) => {
    const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.method !== 'POST' || request.url !== AUTOSCALER_PATH) return answer(404, { error: `POST ${AUTOSCALER_PATH}` })
    read(request)
      .then(async (text) => {
        const review = autoscaleReview.safeParse(parseJson(text))
        if (!review.success) return answer(400, { error: z.prettifyError(review.error) })
        return answer(200, answerReview(review.data, await wanted(review.data.request.name)))
      })
      .catch((error: unknown) => {
        log.warn({ err: error }, 'the autoscaler was not answered; it asks again')
        answer(503, { error: error instanceof Error ? error.message : String(error) })
      })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve))
  certificate.onRenewal((credentials) => server.setSecureContext(credentials))
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address is never a string
    [Symbol.asyncDispose]: () => closed(server),
  }
}

async function read(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > BODY_LIMIT_BYTES) throw new Error(`the review is larger than ${BODY_LIMIT_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await done
}
