import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { helmBinary } from './harness/binaries.ts'
import { environment, kubectl, kubectlWith, NAMESPACE } from './world/kubectl.ts'

const root = resolve(import.meta.dirname, '../..')
const chart = join(root, 'charts/strata')
const found = helmBinary()
if ('missing' in found) process.stderr.write(`the tests of the Helm chart are skipped: ${found.missing}\n`)
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

async function helm(...args: string[]): Promise<string> {
  if ('missing' in found) throw new Error(found.missing)
  const { stdout } = await promisify(execFile)(join(found.bin, 'helm'), args, { env: environment, timeout: 120_000, maxBuffer: 1 << 26 })
  return stdout
}
const render = (...args: string[]): Promise<string> => helm('template', 'strata', chart, '--namespace', NAMESPACE, '--kube-version', '1.35.0', ...args)

type Manifest = { kind: string; metadata: { name: string; namespace?: string; annotations?: object }; spec?: Record<string, unknown> }

/** Objects by kind and name, without namespaces. Empty values are left out, and lists sorted, because their order means nothing here. */
function objects(text: string): Map<string, Manifest> {
  const all = parseAllDocuments(text, { version: '1.1' }).flatMap((document) => (document.toJS() as Manifest | null) ?? [])
  return new Map(
    all.map(({ metadata: { namespace: _, ...metadata }, ...object }) => [`${object.kind}/${metadata.name}`, sorted({ ...object, metadata }) as Manifest]),
  )
}
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(sorted(one))).sort()
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const)
  return Object.fromEntries(entries.filter(([, inner]) => inner !== null && JSON.stringify(inner) !== '{}').sort(([a], [b]) => (a < b ? -1 : 1)))
}

const DEVELOPMENT_STORES = ['Service/postgres', 'Service/redis', 'Deployment/redis', 'StatefulSet/postgres', 'NetworkPolicy/postgres', 'NetworkPolicy/redis']
const MONITORING = ['ConfigMap/strata-dashboards', 'PodMonitor/strata', 'PodMonitor/strata-gameserver', 'PrometheusRule/strata', 'PrometheusRule/strata-slos']
const CRD = 'CustomResourceDefinition/mappolicies.strata.dev'
const overlays: [string, { values: string[]; apart: string[] }][] = [
  ['k8s/overlays/dev', { values: ['-f', join(chart, 'ci/dev-values.yaml')], apart: ['Namespace/strata', CRD, ...DEVELOPMENT_STORES] }],
  ['k8s/overlays/prod', { values: ['-f', join(chart, 'ci/prod-values.yaml')], apart: ['Namespace/strata', CRD, ...MONITORING] }],
]

describe.skipIf('missing' in found)('the Helm chart', () => {
  beforeAll(async () => {
    await kubectl('create', 'namespace', NAMESPACE)
    await kubectl('apply', '-f', join(chart, 'crds'))
  })
  afterAll(async () => {
    await kubectl('delete', 'namespace', NAMESPACE, '--timeout=100s')
  })

  it('`helm lint` finds nothing with any of the values', async () => {
    for (const values of [[], ...overlays.map(([, { values }]) => values)])
      expect(await helm('lint', '--strict', chart, ...values)).toContain('0 chart(s) failed')
  })

  it.each(overlays)('makes the objects of %s, except those that it has not', async (folder, { values, apart }) => {
    const [made, wanted] = [objects(await render(...values)), objects(await kubectl('kustomize', join(root, folder)))]
    expect([...wanted.keys()].filter((key) => !made.has(key)).sort()).toEqual([...apart].sort())
    expect([...made.keys()].filter((key) => !wanted.has(key))).toEqual(['Pod/strata-test-ready'])
    // Helm runs the Job before the chart's PriorityClass exists, and deletes it when it is done.
    const job = wanted.get('Job/strata-migrate') as
      | { spec: { template: { spec: { priorityClassName?: string } }; ttlSecondsAfterFinished?: number } }
      | undefined
    delete job?.spec.template.spec.priorityClassName
    delete job?.spec.ttlSecondsAfterFinished
    delete made.get('Job/strata-migrate')?.metadata.annotations
    for (const [key, object] of made) if (wanted.has(key)) expect(object, key).toEqual(wanted.get(key))
  })

  it.each(overlays)('the API server accepts what the chart makes with the values of %s', async (_folder, { values }) => {
    const lines = (await kubectlWith(await render(...values), 'apply', '--dry-run=server', '-f', '-')).trim().split('\n')
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) expect(line).toContain('(server dry run)')
  })

  it('refuses a misspelt value', async () => {
    await expect(render('--set', 'matchmaker.replica=3')).rejects.toThrow(/additional properties 'replica' not allowed/)
  })

  it('is installed, upgraded to the next version, rolled back, and uninstalled without leftovers', async ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'strata-chart-'))
    // No pods: other suites run them.
    const values = ['matchmaker.autoscaling.enabled=false', 'matchmaker.replicas=0', 'orchestrator.replicas=0', 'migrate=false'].flatMap((one) => [
      '--set',
      one,
    ])
    const where = ['--namespace', NAMESPACE]
    const image = () => kubectl('get', 'deployment', 'strata-orchestrator', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')
    const everything = async (): Promise<string> => {
      const kinds =
        'all,configmaps,serviceaccounts,roles,rolebindings,networkpolicies,poddisruptionbudgets,fleets,fleetautoscalers,priorityclasses,clusterroles'
      return kubectl('get', kinds, '-o', 'name', '-l', 'app.kubernetes.io/part-of=strata')
    }
    const before = await everything()
    if (before !== '') skip('the world of another suite is in this cluster: run npm run test:cluster -- test/cluster/chart.test.ts')
    try {
      for (const [chartVersion, appVersion] of [
        [version, version],
        ['99.0.0', '99.0.0'],
      ] as const)
        await helm('package', chart, '--destination', folder, '--version', chartVersion, '--app-version', appVersion)
      expect(await helm('install', 'strata', join(folder, `strata-${version}.tgz`), ...where, ...values)).toContain('keys.sh trust')
      expect(await image()).toBe(`strata:${version}`)
      expect((await everything()).split('\n').length).toBeGreaterThan(20)
      // The CA that Agones trusts is set by hand (k8s/keys.sh trust). An upgrade keeps it.
      await kubectl('patch', 'fleetautoscaler', 'overworld', '--type=merge', '-p', JSON.stringify({ spec: { policy: { webhook: { caBundle: 'Y2E=' } } } }))
      await helm('upgrade', 'strata', join(folder, 'strata-99.0.0.tgz'), ...where, ...values)
      expect(await image()).toBe('strata:99.0.0')
      expect(await kubectl('get', 'fleetautoscaler', 'overworld', '-o', 'jsonpath={.spec.policy.webhook.caBundle}')).toBe('Y2E=')
      await helm('rollback', 'strata', '1', ...where)
      expect(await image()).toBe(`strata:${version}`)
      await helm('uninstall', 'strata', ...where, '--wait')
      expect(await everything()).toBe('')
      // Helm never deletes a CRD, because every policy would go with it.
      expect(await kubectl('get', 'crd', 'mappolicies.strata.dev', '-o', 'name')).toContain('mappolicies.strata.dev')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
