import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { crd } from './standin/crds.ts'
import { kubectl, kubectlWith, NAMESPACE } from './world/kubectl.ts'

const root = resolve(import.meta.dirname, '../..')
const overlays = ['k8s/base', 'k8s/overlays/dev', 'k8s/overlays/prod', 'test/cluster/overlay']
const components = readdirSync(join(root, 'k8s/components'))
const maps = readdirSync(join(root, 'fleets')).filter(
  (file) => file.endsWith('.yaml') && readFileSync(join(root, 'fleets', file), 'utf8').includes('kind: MapPolicy'),
)

/** Kinds of the Prometheus operator, with open schemas: its own schemas are not under test. */
const foreign = ['PodMonitor', 'PrometheusRule', 'ServiceMonitor'].map((kind) => crd('monitoring.coreos.com', kind, {}))

describe('the API server accepts every manifest', () => {
  beforeAll(async () => {
    await kubectl('create', 'namespace', NAMESPACE)
    await kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: foreign }), 'apply', '-f', '-')
    await kubectl('apply', '-f', join(root, 'k8s/base/crd.mappolicy.yaml'))
    await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s')
  })
  afterAll(async () => {
    await kubectl('delete', 'namespace', NAMESPACE, '--timeout=60s')
  })

  it.each(overlays)('%s', async (folder) => {
    const output = await kubectl('apply', '--dry-run=server', '-k', join(root, folder))
    const lines = output.trim().split('\n')
    expect(lines.length).toBeGreaterThan(10)
    for (const line of lines) expect(line).toContain('(server dry run)')
  })

  it.each(components)('k8s/components/%s, on the base', async (component) => {
    const folder = mkdtempSync(join(tmpdir(), 'strata-kustomize-'))
    try {
      const to = (path: string): string => relative(folder, join(root, path))
      const head = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', namespace: NAMESPACE }
      writeFileSync(join(folder, 'kustomization.yaml'), stringify({ ...head, resources: [to('k8s/base')], components: [to(`k8s/components/${component}`)] }))
      expect(await kubectl('apply', '--dry-run=server', '-k', folder)).toContain('fleet.agones.dev/overworld')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each(maps)('fleets/%s', async (file) => {
    expect(await kubectl('apply', '--dry-run=server', '-f', join(root, 'fleets', file))).toContain('mappolicy.strata.dev/')
  })

  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['soft above hard', { capacity: { soft: 60, hard: 50 } }, /capacity\.soft.*must not be above capacity\.hard/],
    ['min above max', { copies: { min: 9, max: 8 } }, /copies\.min.*must not be above copies\.max/],
    ['merge below into', { merge: { below: '90%' } }, /merge\.below.*must be less than merge\.into/],
    ['a share without a percent sign', { open: { above: '75' } }, /open\.above.*write a share such as "75%"/],
    ['a duration without a unit', { open: { leadTime: '30' } }, /open\.leadTime.*write a duration such as "30s"/],
    ['a number as text', { capacity: { soft: 'forty', hard: 50 } }, /capacity\.soft.*must be of type integer/],
    ['an unknown value of warm', { copies: { warm: 'lots' } }, /copies\.warm.*write .*auto.*"20%"/],
    ['no fleet', { fleet: null }, /spec\.fleet.*Required/],
    ['an invalid name', { fleet: 'Over World' }, /spec\.fleet.*lower-case letters/],
    ['an unknown key', { capacity: { soft: 40, hard: 50, hart: 3 } }, /unknown field "spec\.capacity\.hart"/],
    ['an invalid schedule', { events: [{ name: 'feast', schedule: 'whenever', expect: '+50%' }] }, /five cron fields/],
  ]
  it.each(wrong)('refuses an invalid policy with a message for designers: %s', async (_what, change, message) => {
    const policy = parse(readFileSync(join(root, 'fleets/marsh.yaml'), 'utf8')) as { spec: Record<string, unknown> } // the file is a mapping
    for (const [key, value] of Object.entries(change))
      policy.spec[key] = typeof value === 'object' && !Array.isArray(value) && value !== null ? { ...(policy.spec[key] as object), ...value } : value
    await expect(kubectlWith(JSON.stringify(policy), 'apply', '--dry-run=server', '-f', '-')).rejects.toThrow(message)
  })
})
