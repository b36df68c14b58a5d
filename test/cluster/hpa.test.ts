import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { V1Pod } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { signInAs } from '../../bench/world/signIn.ts'
import { StrataClient } from '../../client/index.ts'
import { openPki } from './harness/pki.ts'
import { startMetricsAdapter } from './metrics/metricsAdapter.ts'
import { Crowd } from './world/crowd.ts'
import { kubectl, kubectlWith } from './world/kubectl.ts'
import { list } from './world/read.ts'
import { isReady } from './world/serviceProxy.ts'
import { until } from './world/until.ts'
import { mayInjectFaults, WorldUnderTest } from './world/worldUnderTest.ts'

const MINUTE = 60_000
const root = resolve(import.meta.dirname, '../..')
const SELECTOR = 'app.kubernetes.io/name=strata-matchmaker'
/** Placements a second and pod above which another matchmaker starts, in place of 200, which two cores do not reach beside a cluster. */
const PLACEMENTS = '2'
const VISITORS = 12

interface Autoscaler {
  spec: {
    minReplicas: number
    maxReplicas: number
    metrics: { type: string; pods?: { target: { averageValue: string } } }[]
    behavior: { scaleDown: { stabilizationWindowSeconds: number; policies: { periodSeconds: number }[] } }
  }
}

/** The autoscaler of k8s/base with smaller numbers: one to three matchmakers, and it shrinks after 15 s in place of five minutes. */
function autoscaler(): string {
  const documents = parseAllDocuments(readFileSync(join(root, 'k8s/base/matchmaker.yaml'), 'utf8'))
  const found = documents.find((document) => document.get('kind') === 'HorizontalPodAutoscaler')?.toJS() as Autoscaler | undefined // of that kind
  const metric = found?.spec.metrics.find(({ type }) => type === 'Pods')
  if (found === undefined || metric?.pods === undefined) throw new Error('k8s/base/matchmaker.yaml has no autoscaler with a metric of pods')
  metric.pods.target.averageValue = PLACEMENTS
  Object.assign(found.spec, { minReplicas: 1, maxReplicas: 3 })
  found.spec.behavior.scaleDown = { stabilizationWindowSeconds: 15, policies: [{ ...found.spec.behavior.scaleDown.policies[0], periodSeconds: 15 }] }
  return JSON.stringify(found)
}

// In a pipeline the visitors find no time beside the cluster on two cores; by hand it runs alone.
it.skipIf(!mayInjectFaults || process.env['CI'] !== undefined)(
  'the HorizontalPodAutoscaler starts matchmakers by their own metric and stops them again, and nobody is disconnected (skipped with CI set)',
  async () => {
    await using stack = new AsyncDisposableStack()
    const world = stack.use(await WorldUnderTest.start())
    await world.untilSettled()
    const ready = async (): Promise<number> => (await list<V1Pod>('pod', SELECTOR)).filter(isReady).length
    const pki = openPki(process.env['STRATA_CLUSTER_PKI'] ?? '')
    const counter = { counter: 'strata_placements_total', metric: 'strata_placements_per_second' }
    stack.use(await startMetricsAdapter({ pki, selector: SELECTOR, containerPort: 7100, ...counter }))
    const crowd = stack.use(await Crowd.entered(world.matchmaker, 'Resident', 10, 'forest'))
    await kubectlWith(autoscaler(), 'apply', '-f', '-')
    const condition = (type: string) => kubectl('get', 'hpa', 'strata-matchmaker', '-o', `jsonpath={.status.conditions[?(@.type=="${type}")].status}`)
    await until('both metrics are read', async () => (await condition('ScalingActive')) === 'True', 2 * MINUTE)

    const stopping = new AbortController()
    const visits = Array.from({ length: VISITORS }, async (_, index) => {
      const client = new StrataClient({ matchmaker: world.matchmaker })
      await signInAs(client, `Visitor ${index}`)
      while (!stopping.signal.aborted) await (await client.enter({ map: 'town' })).leave()
    })
    await until('more matchmakers', async () => (await ready()) >= 2 || kubectl('get', 'hpa', 'strata-matchmaker'), 4 * MINUTE, 2_000)
    expect(await kubectl('describe', 'hpa', 'strata-matchmaker')).toContain('pods metric strata_placements_per_second above target')
    stopping.abort()
    const failed = (await Promise.allSettled(visits)).filter(({ status }) => status === 'rejected')
    await until('one matchmaker again', async () => (await ready()) === 1 || kubectl('get', 'hpa', 'strata-matchmaker'), 6 * MINUTE, 2_000)
    expect(failed).toEqual([])
    expect(crowd.online).toBe(10)
    expect(crowd.stats.kicked).toBe(0)
  },
  18 * MINUTE,
)
