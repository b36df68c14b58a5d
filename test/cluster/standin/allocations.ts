import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { z } from 'zod'
import { type Api, ApiError } from '../harness/api.ts'
import { type GameServer, isEnding, pathOf } from './objects.ts'
import type { Watched } from './watched.ts'

const GROUP_VERSION = 'allocation.agones.dev/v1'
const texts = z.record(z.string(), z.string())
const allocation = z.object({
  spec: z.object({
    selectors: z.array(z.object({ matchLabels: texts.default({}), gameServerState: z.enum(['Ready', 'Allocated']).default('Ready') })).min(1),
    metadata: z.object({ labels: texts.default({}), annotations: texts.default({}) }).prefault({}),
  }),
})

const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: GROUP_VERSION,
  resources: [{ name: 'gameserverallocations', singularName: 'gameserverallocation', namespaced: true, kind: 'GameServerAllocation', verbs: ['create'] }],
}

/** Serves the aggregated API `allocation.agones.dev/v1`: create only; the response contains the allocated server. */
export async function serveAllocations(
  api: Api,
  servers: Watched<GameServer>,
  port: number,
  { certificate, key }: { certificate: string; key: string },
): Promise<AsyncDisposable> {
  const respond = (response: ServerResponse, status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url?.split('?')[0] ?? ''
    if (request.method === 'GET' && path === `/apis/${GROUP_VERSION}`) return respond(response, 200, resources)
    const namespace = new RegExp(`^/apis/${GROUP_VERSION}/namespaces/([^/]+)/gameserverallocations$`).exec(path)?.[1]
    if (request.method !== 'POST' || namespace === undefined) return respond(response, 404, { kind: 'Status', status: 'Failure', code: 404 })
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const wanted = allocation.parse(JSON.parse(text))
    const server = await allocate(api, servers, namespace, wanted.spec)
    const status =
      server === undefined
        ? { state: 'UnAllocated', gameServerName: '' }
        : {
            state: 'Allocated',
            gameServerName: server.metadata.name,
            address: server.status.address,
            ports: server.status.ports,
            nodeName: server.status.nodeName,
          }
    respond(response, 201, {
      apiVersion: GROUP_VERSION,
      kind: 'GameServerAllocation',
      metadata: { namespace, name: server?.metadata.name ?? '' },
      ...wanted,
      status,
    })
  }
  const https = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    serve(request, response).catch((error: unknown) => respond(response, 500, { kind: 'Status', status: 'Failure', code: 500, message: String(error) }))
  })
  await new Promise<void>((resolve) => https.listen(port, '127.0.0.1', resolve))
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => https.close(() => resolve()))
      https.closeAllConnections()
      await closed
    },
  }
}

async function allocate(api: Api, servers: Watched<GameServer>, namespace: string, spec: z.infer<typeof allocation>['spec']): Promise<GameServer | undefined> {
  for (const { matchLabels, gameServerState } of spec.selectors) {
    const fits = (server: GameServer): boolean =>
      server.metadata.namespace === namespace &&
      server.status.state === gameServerState &&
      !isEnding(server) &&
      Object.entries(matchLabels).every(([key, value]) => server.metadata.labels?.[key] === value)
    for (const server of servers.all().filter(fits)) {
      const annotations = { ...spec.metadata.annotations, 'agones.dev/last-allocated': new Date().toISOString() }
      const metadata = { resourceVersion: server.metadata.resourceVersion, labels: spec.metadata.labels, annotations }
      try {
        const body = { metadata, status: { state: 'Allocated' } }
        const allocated = await api.merge<GameServer>(pathOf('gameservers', server.metadata), body)
        servers.put(allocated)
        return allocated
      } catch (error) {
        if (!(error instanceof ApiError) || ![404, 409].includes(error.code)) throw error // a concurrent write; try the next server
      }
    }
  }
  return undefined
}
