import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks } from '../docs/codeBlocks.ts'
import { certManagerBinary } from './harness/binaries.ts'
import { environment, kubectl, kubectlWith, NAMESPACE } from './world/kubectl.ts'
import { until } from './world/until.ts'
import { mayInjectFaults } from './world/worldUnderTest.ts'

const MINUTE = 60_000
const root = resolve(import.meta.dirname, '../..')
const SECRET = 'strata-webhook-tls'
const found = certManagerBinary()
if ('missing' in found) process.stderr.write(`the test of cert-manager is skipped: ${found.missing}\n`)

const keys = (...args: string[]) => promisify(execFile)('bash', [join(root, 'k8s/keys.sh'), ...args], { env: environment })

// It installs and removes CRDs, so it needs a cluster of its own.
describe.skipIf('missing' in found || !mayInjectFaults)('the certificate of the webhook by cert-manager', () => {
  let controllers: ChildProcess | undefined
  let log = ''
  beforeAll(async () => {
    if ('missing' in found) return
    await kubectl('apply', '--server-side', '-f', found.crds)
    await kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', found.crds)
    await kubectl('create', 'namespace', NAMESPACE)
    controllers = spawn(join(found.bin, 'certmanager'), [process.env['KUBECONFIG'] ?? ''], { stdio: ['ignore', 'ignore', 'pipe'] })
    controllers.stderr?.on('data', (data: Buffer) => {
      log += data.toString()
    })
  }, 2 * MINUTE)
  afterAll(async () => {
    controllers?.kill()
    await kubectl('delete', 'namespace', NAMESPACE, '--timeout=100s')
    if (!('missing' in found)) await kubectl('delete', '-f', found.crds)
  }, 3 * MINUTE)

  const field = async (name: string): Promise<string> =>
    Buffer.from(await kubectl('get', 'secret', SECRET, '-o', `go-template={{index .data "${name}"}}`), 'base64').toString()
  const issued = () => until('the certificate is issued', async () => (await field('tls.crt')).includes('BEGIN') || log.slice(-1_000), MINUTE)

  /** Whether a client that trusts the CA takes the certificate for the webhook's. */
  async function expectTrusted(bundle: string): Promise<X509Certificate> {
    const [certificate, ca] = [new X509Certificate(await field('tls.crt')), new X509Certificate(bundle)]
    expect(certificate.checkHost(`strata-autoscaler.${NAMESPACE}.svc`)).toBeDefined()
    expect(certificate.verify(ca.publicKey)).toBe(true)
    expect(certificate.checkIssued(ca)).toBe(true)
    return certificate
  }

  it(
    'the objects of docs/how-to/rotate-keys.md make it, `keys.sh init` leaves it, `keys.sh trust` trusts it, and a renewed one is still trusted',
    async () => {
      const page = (await codeBlocks('docs/how-to/rotate-keys.md')).find(({ language, text }) => language === 'yaml' && text.includes('cert-manager.io/v1'))
      await kubectlWith(page?.text ?? '', 'apply', '-f', '-')
      await issued()
      const first = await field('tls.crt')
      await keys('init')
      expect(await field('tls.crt')).toBe(first)

      await kubectlWith(readFileSync(join(root, 'fleets/overworld.autoscaler.yaml'), 'utf8'), 'apply', '-f', '-')
      await kubectl('label', 'fleetautoscaler', 'overworld', 'app.kubernetes.io/part-of=strata')
      await keys('trust')
      const bundle = Buffer.from(await kubectl('get', 'fleetautoscaler', 'overworld', '-o', 'jsonpath={.spec.policy.webhook.caBundle}'), 'base64').toString()
      const before = await expectTrusted(bundle)

      // As `cmctl renew` does, and cert-manager itself at two thirds of the certificate's life.
      const renew = {
        status: {
          conditions: [{ type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'a test', lastTransitionTime: new Date().toISOString() }],
        },
      }
      await kubectl('patch', 'certificate', 'strata-webhook', '--subresource=status', '--type=merge', '-p', JSON.stringify(renew))
      await until('the certificate is renewed', async () => (await field('tls.crt')) !== first, MINUTE)
      const after = await expectTrusted(bundle)
      expect(after.serialNumber).not.toBe(before.serialNumber)
    },
    4 * MINUTE,
  )
})
