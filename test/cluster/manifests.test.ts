import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { environment, kubectl, kubectlWith, NAMESPACE } from './world/kubectl.ts'

const root = resolve(import.meta.dirname, '../..')
const keys = (...args: string[]) => promisify(execFile)('bash', [join(root, 'k8s/keys.sh'), ...args], { env: { ...environment, ROTATE_WAIT_SECONDS: '0' } })
const publicKeys = async (): Promise<Record<string, string>> => JSON.parse(await kubectl('get', 'secret', 'strata-ticket-public', '-o', 'jsonpath={.data}'))

/** What keys.sh works on, without a pod. */
async function applyWithoutPods(): Promise<void> {
  const made = parseAllDocuments(await kubectl('kustomize', join(root, 'k8s/overlays/dev')))
  const wanted = made.filter(
    (document) => document.get('kind') === 'FleetAutoscaler' || (document.get('kind') === 'Deployment' && document.getIn(['metadata', 'name']) !== 'redis'),
  )
  for (const document of wanted) if (document.get('kind') === 'Deployment') document.setIn(['spec', 'replicas'], 0)
  await kubectlWith(wanted.map(String).join('---\n'), 'apply', '-f', '-')
}

beforeAll(async () => {
  await kubectl('create', 'namespace', NAMESPACE)
  await kubectl('apply', '-f', join(root, 'k8s/base/crd.mappolicy.yaml'))
  await kubectl('wait', '--for=condition=Established', 'crd/mappolicies.strata.dev', '--timeout=30s')
})
afterAll(() => kubectl('delete', 'namespace', NAMESPACE, '--timeout=100s'))

describe('manifests on a real API server', () => {
  it.each(['base', 'overlays/dev', 'overlays/prod'])('all of k8s/%s is accepted', async (folder) => {
    const made = parseAllDocuments(await kubectl('kustomize', join(root, 'k8s', folder)))
    // The Prometheus operator's kinds are known only where it is installed.
    const known = made.filter((document) => !String(document.get('apiVersion')).startsWith('monitoring.coreos.com/'))
    const answer = await kubectlWith(known.map(String).join('---\n'), 'apply', '--dry-run=server', '-f', '-')
    expect(
      answer
        .trim()
        .split('\n')
        .filter((line) => line.includes('dry run')),
    ).toHaveLength(known.length)
  })

  it.each(['forest', 'hills', 'marsh', 'town', 'overworld.fleet', 'overworld.autoscaler'])('fleets/%s.yaml is accepted', async (file) => {
    expect(await kubectl('apply', '--dry-run=server', '-f', join(root, `fleets/${file}.yaml`))).toContain('created')
  })
})

describe('a wrong policy is refused by the API server, in words of its author', () => {
  it.each([
    ['soft: 40', 'soft: 140', 'spec.capacity.soft: Invalid value: must not be above capacity.hard'],
    ['leadTime: 3s', 'leadTime: 3 seconds', 'spec.open.leadTime: Invalid value: "3 seconds": write a duration such as "30s"'],
    ['below: 40%', 'below: lots', 'spec.merge.below: Invalid value: "lots": write a share such as "75%"'],
    ['below: 40%', 'below: 90%', 'must be less than merge.into (85%), or merged copies would be merged again'],
    ['cancelAbove: 55%', 'cancelAbove: 15%', 'must be above merge.below (40%), or a closing copy would open again at once'],
    ['warm: auto', 'warm: lots', 'write auto, a number of copies, or a share such as "20%"'],
    ['kind: zone', 'kind: zonee', 'supported values: "zone", "instance"'],
    ['fleet: overworld', 'fleet: Over World', 'use lower-case letters, digits and dashes, at most 63'],
    ['soft: 40, ', '', 'spec.capacity.soft: Required value'],
    ['hard: 50', 'hard: 50, hart: 3', 'unknown field "spec.capacity.hart"'],
    ['  kind: zone', '  kind: zone\n  events: [{ name: feast, schedule: daily, expect: +50% }]', 'write five cron fields'],
  ])('D4: %s → %s', async (right, wrong, words) => {
    const forest = await readFile(join(root, 'fleets/forest.yaml'), 'utf8')
    expect(forest).toContain(right)
    await expect(kubectlWith(forest.replace(right, wrong), 'apply', '--dry-run=server', '-f', '-')).rejects.toThrow(words)
  })
})

describe('k8s/keys.sh', () => {
  it('S5: makes what is missing and nothing twice; a rotation accepts two keys until it ends, and skips no step', async () => {
    await keys('init', '--dev')
    const first = await publicKeys()
    await keys('init', '--dev')
    expect(await publicKeys()).toEqual(first)
    await expect(keys('rotate', 'switch')).rejects.toThrow("'rotate begin' first")
    await keys('rotate', 'begin')
    const begun = await publicKeys()
    expect(begun).toMatchObject(first)
    expect(Object.keys(begun).sort()).toEqual(['ticket.public.next.pem', 'ticket.public.pem'])
    await expect(keys('rotate', 'end')).rejects.toThrow('a rotation is under way')
    await applyWithoutPods()
    await keys('rotate', 'switch')
    expect(await publicKeys()).toEqual({ 'ticket.public.pem': begun['ticket.public.next.pem'], 'ticket.public.old.pem': first['ticket.public.pem'] })
    await expect(keys('rotate', 'begin')).rejects.toThrow("'rotate end' first")
    await keys('rotate', 'end')
    expect(await publicKeys()).toEqual({ 'ticket.public.pem': begun['ticket.public.next.pem'] })
  })

  it('Agones is told whom to believe, and a later apply does not undo it', async () => {
    await keys('trust')
    const bundle = ['get', 'fleetautoscaler', 'overworld', '-o', 'jsonpath={.spec.policy.webhook.caBundle}']
    const trusted = await kubectl(...bundle)
    expect(Buffer.from(trusted, 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE-----/)
    await applyWithoutPods()
    expect(await kubectl(...bundle)).toBe(trusted)
  })
})
