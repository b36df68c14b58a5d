import { execFile } from 'node:child_process'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { environment, kubectl, kubectlWith, NAMESPACE } from './world/kubectl.ts'

const root = resolve(import.meta.dirname, '../..')
const keys = (...args: string[]) => promisify(execFile)('bash', [join(root, 'k8s/keys.sh'), ...args], { env: { ...environment, ROTATE_WAIT_SECONDS: '0' } })
const publicKeys = async (): Promise<Record<string, string>> => JSON.parse(await kubectl('get', 'secret', 'strata-ticket-public', '-o', 'jsonpath={.data}'))

/** Applies the objects that keys.sh changes, with no pods. */
async function applyWithoutPods(): Promise<void> {
  const made = parseAllDocuments(await kubectl('kustomize', join(root, 'k8s/overlays/dev')))
  const wanted = made.filter((document) => ['FleetAutoscaler', 'Deployment'].includes(String(document.get('kind'))))
  for (const document of wanted) if (document.get('kind') === 'Deployment') document.setIn(['spec', 'replicas'], 0)
  await kubectlWith(wanted.map(String).join('---\n'), 'apply', '-f', '-')
}

beforeAll(async () => {
  await keys('init', '--dev')
  await applyWithoutPods()
})
afterAll(() => kubectl('delete', 'namespace', NAMESPACE, '--timeout=100s'))

it('S5: a key rotation accepts two keys from its first to its last step, and no step can be skipped', async () => {
  const first = await publicKeys()
  await keys('init', '--dev')
  expect(await publicKeys()).toEqual(first)
  await expect(keys('rotate', 'switch')).rejects.toThrow("'rotate begin' first")
  await keys('rotate', 'begin')
  const begun = await publicKeys()
  expect(begun).toEqual({ ...first, 'ticket.public.next.pem': expect.any(String) })
  await expect(keys('rotate', 'end')).rejects.toThrow('a rotation is in progress')
  await keys('rotate', 'switch')
  expect(await publicKeys()).toEqual({ 'ticket.public.pem': begun['ticket.public.next.pem'], 'ticket.public.old.pem': first['ticket.public.pem'] })
  await expect(keys('rotate', 'begin')).rejects.toThrow("'rotate end' first")
  await keys('rotate', 'end')
  expect(await publicKeys()).toEqual({ 'ticket.public.pem': begun['ticket.public.next.pem'] })
})

it('`keys.sh trust` sets the CA bundle of the autoscaler, and a later apply keeps it', async () => {
  await keys('trust')
  const bundle = ['get', 'fleetautoscaler', 'overworld', '-o', 'jsonpath={.spec.policy.webhook.caBundle}']
  const trusted = await kubectl(...bundle)
  expect(Buffer.from(trusted, 'base64').toString()).toMatch(/^-----BEGIN CERTIFICATE-----/)
  await applyWithoutPods()
  expect(await kubectl(...bundle)).toBe(trusted)
})
