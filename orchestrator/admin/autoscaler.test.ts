import { copyFile, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Certificate } from '../../service/keys/certificate.ts'
import { createLogger } from '../../service/log.ts'
import { selfSigned } from '../../test/openssl.ts'
import { AUTOSCALER_PATH, answerReview, serveAutoscaler } from './autoscaler.ts'

const log = createLogger('test', 'silent')

/** A review as Agones 1.60 sends it, with counters and lists, which are ignored. */
function review(status: Record<string, unknown> = {}) {
  return {
    request: {
      uid: '6d3c7e0e-4f8b-4c64-9f0e-0d3c4cbb44a1',
      name: 'overworld',
      namespace: 'default',
      status: {
        replicas: 2,
        readyReplicas: 1,
        reservedReplicas: 0,
        allocatedReplicas: 1,
        allocations: 4,
        counters: { rooms: { allocatedCount: 1, allocatedCapacity: 6, count: 1, capacity: 12 } },
        lists: {},
        ...status,
      },
      labels: null,
      annotations: null,
    },
    response: null,
  }
}

let folder: string
let certificate: Certificate
let stack: AsyncDisposableStack
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  folder = selfSigned()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  certificate = stack.use(await Certificate.open(folder, log))
})
afterEach(() => stack.disposeAsync())

async function serve(wantedServers: (fleet: string) => Promise<number | undefined>): Promise<number> {
  return stack.use(await serveAutoscaler({ host: '127.0.0.1', port: 0, certificate }, wantedServers, log)).port
}

async function post(port: number, body: unknown, path = AUTOSCALER_PATH): Promise<{ status: number; body: unknown }> {
  const ca = await readFile(join(folder, 'tls.crt'))
  return new Promise((resolve, reject) => {
    const sent = request({ host: 'localhost', family: 4, port, path, method: 'POST', ca, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
    })
    sent.on('error', reject).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
}

describe('webhook of the FleetAutoscaler', () => {
  it('answers over TLS with the wanted servers and the uid of the review', async () => {
    const port = await serve(async (fleet) => (fleet === 'overworld' ? 5 : undefined))
    const { uid } = review().request
    expect(await post(port, review())).toEqual({ status: 200, body: { response: { uid, scale: true, replicas: 5 } } })
    expect(await post(port, review({ replicas: 5 }))).toEqual({ status: 200, body: { response: { uid, scale: false, replicas: 5 } } })
  })

  it('never wants fewer servers than are in use, and does not scale a fleet that no policy names', () => {
    expect(answerReview(review({ replicas: 6, allocatedReplicas: 3, reservedReplicas: 1 }), 1).response).toMatchObject({ scale: true, replicas: 4 })
    expect(answerReview(review({ replicas: 1, allocatedReplicas: 0 }), 0).response).toMatchObject({ scale: true, replicas: 0 })
    expect(answerReview(review({ replicas: 7 }), undefined).response).toMatchObject({ scale: false, replicas: 7 })
  })

  it('X1: an invalid review is refused with 400, and without a plan the answer is 503', async () => {
    const port = await serve(() => Promise.reject(new Error('the directory does not answer')))
    expect(await post(port, '{')).toMatchObject({ status: 400 })
    expect(await post(port, { request: { uid: 'x' } })).toMatchObject({
      status: 400,
      body: { error: { code: 'BAD_REQUEST', message: expect.stringContaining('name') } },
    })
    expect(await post(port, review(), '/')).toMatchObject({ status: 404 })
    expect(await post(port, review())).toMatchObject({ status: 503, body: { error: 'the directory does not answer' } })
  })

  it('uses a renewed certificate without a restart', async () => {
    const port = await serve(async () => 1)
    const renewal = selfSigned()
    stack.defer(() => rm(renewal, { recursive: true, force: true }))
    for (const file of ['tls.crt', 'tls.key']) await copyFile(join(renewal, file), join(folder, file))
    // The server still has the old certificate, and the client trusts only the new one.
    await expect(post(port, review())).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    await certificate.reload()
    expect(await post(port, review())).toMatchObject({ status: 200 })
  })
})
