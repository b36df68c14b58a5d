import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { V1Pod } from '@kubernetes/client-node'
import type { Pki } from '../harness/pki.ts'
import { kubectl, kubectlWith, NAMESPACE } from '../world/kubectl.ts'
import { list } from '../world/read.ts'
import { isReady, portOf } from '../world/serviceProxy.ts'

/** How often the pods are scraped, in ms, and the time over which a rate is computed. */
const SCRAPE_MS = 2_000
const RATE_OVER_MS = 20_000
/** CPU usage that every pod reports. It is far below what the autoscaler allows, so that the other metric decides. */
const CPU = '5m'
const CUSTOM = 'custom.metrics.k8s.io/v1beta2'
const RESOURCE = 'metrics.k8s.io/v1beta1'

export interface MetricsAdapterOptions {
  pki: Pki
  /** Label selector of the pods, and the port of their metrics. */
  selector: string
  containerPort: number
  /** The counter that is scraped, and the name under which its rate is served. */
  counter: string
  metric: string
}

interface Sample {
  at: number
  value: number
}

/**
 * Takes the place of Prometheus with its adapter and of the metrics server: scrapes the pods and serves the rate of a counter of each as a metric of pods, behind
 * the API server's aggregation.
 */
export async function startMetricsAdapter({ pki, selector, containerPort, counter, metric }: MetricsAdapterOptions): Promise<AsyncDisposable> {
  const { certificate, key } = pki.issue('metrics-adapter', [`metrics-adapter.${NAMESPACE}.svc`])
  const samples = new Map<string, Sample[]>()
  const scrape = async (): Promise<void> => {
    const pods = (await list<V1Pod>('pod', selector)).filter(isReady)
    for (const pod of pods) {
      const text = await fetch(`http://127.0.0.1:${portOf(pod, containerPort)}/metrics`).then((answer) => answer.text())
      const value = [...text.matchAll(new RegExp(`^${counter}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce((sum, [, one]) => sum + Number(one), 0)
      const known = samples.get(pod.metadata?.name ?? '') ?? []
      const now = Date.now()
      samples.set(pod.metadata?.name ?? '', [...known.filter(({ at }) => now - at <= RATE_OVER_MS), { at: now, value }])
    }
    for (const name of samples.keys()) if (!pods.some(({ metadata }) => metadata?.name === name)) samples.delete(name)
  }
  const rate = (all: readonly Sample[]): number => {
    const [first, last] = [all[0], all.at(-1)]
    return first === undefined || last === undefined || last.at === first.at ? 0 : ((last.value - first.value) / (last.at - first.at)) * 1_000
  }

  const answer = (path: string): unknown => {
    const timestamp = new Date().toISOString()
    if (path === `/apis/${CUSTOM}` || path === `/apis/${RESOURCE}`)
      return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: path.slice(6), resources: [] }
    if (path === `/apis/${CUSTOM}/namespaces/${NAMESPACE}/pods/*/${metric}`) {
      const items = [...samples].map(([name, all]) => ({
        describedObject: { kind: 'Pod', namespace: NAMESPACE, name, apiVersion: '/v1' },
        metric: { name: metric },
        timestamp,
        value: `${Math.round(rate(all) * 1_000)}m`,
      }))
      return { kind: 'MetricValueList', apiVersion: CUSTOM, metadata: {}, items }
    }
    if (path === `/apis/${RESOURCE}/namespaces/${NAMESPACE}/pods`) {
      const items = [...samples.keys()].map((name) => ({
        metadata: { name, namespace: NAMESPACE },
        timestamp,
        window: '10s',
        containers: [{ name: 'matchmaker', usage: { cpu: CPU, memory: '100Mi' } }],
      }))
      return { kind: 'PodMetricsList', apiVersion: RESOURCE, metadata: {}, items }
    }
    return undefined
  }
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
    const body = answer(decodeURIComponent(new URL(request.url ?? '/', 'https://adapter').pathname))
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's address is never a string
  await scrape()
  const timer = setInterval(() => void scrape().catch(() => undefined), SCRAPE_MS) // a pod may have ended meanwhile

  const service = { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] }
  await kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'metrics-adapter' }, spec: service }), 'apply', '-f', '-')
  const names = [CUSTOM, RESOURCE].map((groupVersion) => {
    const [group = '', version = ''] = groupVersion.split('/')
    return { group, version, name: `${version}.${group}` }
  })
  for (const { group, version, name } of names) {
    const reference = { name: 'metrics-adapter', namespace: NAMESPACE, port }
    const spec = { group, version, groupPriorityMinimum: 100, versionPriority: 100, service: reference, caBundle: Buffer.from(pki.ca).toString('base64') }
    await kubectlWith(JSON.stringify({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name }, spec }), 'apply', '-f', '-')
    await kubectl('wait', `apiservice/${name}`, '--for=condition=Available', '--timeout=60s')
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const { name } of names) await kubectl('delete', 'apiservice', name)
      clearInterval(timer)
      server.closeAllConnections()
      server.close()
    },
  }
}
