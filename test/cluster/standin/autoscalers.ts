import { randomUUID } from 'node:crypto'
import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { defined } from '../../../model/defined.ts'
import type { Api } from '../harness/api.ts'
import { type Fleet, type FleetAutoscaler, pathOf, type WebhookService } from './objects.ts'
import type { Watched } from './watched.ts'

const CALL_TIMEOUT_MS = 5_000
const DEFAULT_SYNC_S = 30
const CHECK_EVERY_MS = 250

/** Calls the webhook of each FleetAutoscaler at its interval, and sets the fleet's replicas to its response. */
export function runAutoscalers(api: Api, autoscalers: Watched<FleetAutoscaler>, fleets: Watched<Fleet>): Disposable {
  const due = new Map<string, number>()
  const timer = setInterval(() => {
    for (const autoscaler of autoscalers.all()) {
      const { uid = '' } = autoscaler.metadata
      const fleet = fleets.get(autoscaler.metadata.namespace, autoscaler.spec.fleetName)
      if (fleet === undefined || Date.now() < (due.get(uid) ?? 0)) continue
      due.set(uid, Date.now() + (autoscaler.spec.sync?.fixedInterval?.seconds ?? DEFAULT_SYNC_S) * 1_000)
      void callWebhook(api, autoscaler, fleet).catch(() => undefined) // called again at the next interval
    }
  }, CHECK_EVERY_MS)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

async function callWebhook(api: Api, { spec: { policy } }: FleetAutoscaler, fleet: Fleet): Promise<void> {
  const { name, namespace } = fleet.metadata
  const status = { replicas: 0, readyReplicas: 0, reservedReplicas: 0, allocatedReplicas: 0, allocations: 0, counters: {}, lists: {}, ...fleet.status }
  const review = { request: { uid: randomUUID(), name, namespace, status, labels: null, annotations: null }, response: null }
  const ca = policy.webhook?.caBundle === undefined ? undefined : Buffer.from(policy.webhook.caBundle, 'base64').toString()
  const { url = '', service } = policy.webhook ?? {}
  const target = service == null ? { url } : await targetOf(api, service)
  const text = await post({ ...target, ...defined({ ca }) }, JSON.stringify(review))
  const { response } = JSON.parse(text) as { response: { uid: string; scale: boolean; replicas: number } } // the fields are checked below
  if (response.uid !== review.request.uid || !response.scale || response.replicas === fleet.spec.replicas) return
  await api.merge(`${pathOf('fleets', fleet.metadata)}/scale`, { spec: { replicas: response.replicas } })
}

interface Target {
  url: string
  ca?: string
  /** Address to connect to instead of the name in `url`. */
  address?: string
}

/** A Service's name is resolved by its object, because this process is outside the cluster's DNS. */
async function targetOf(api: Api, { name, namespace, port = 443, path = '' }: WebhookService): Promise<Target> {
  const { spec } = await api.get<{ spec: { clusterIP: string } }>(`/api/v1/namespaces/${namespace}/services/${name}`)
  return { url: `https://${name}.${namespace}.svc:${port}/${path}`, address: spec.clusterIP }
}

function post({ url, ca, address }: Target, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const lookup: LookupFunction | undefined =
      address === undefined ? undefined : (_name, { all }, done) => (all === true ? done(null, [{ address, family: 4 }]) : done(null, address, 4))
    const sent = request(url, { method: 'POST', headers, timeout: CALL_TIMEOUT_MS, ...defined({ ca, lookup }) }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`))))
    })
    sent.on('timeout', () => sent.destroy(new Error(`no response within ${CALL_TIMEOUT_MS} ms`))).on('error', reject)
    sent.end(body)
  })
}
