import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { root } from '../../image/strataImage.ts'
import { crd } from '../standin/crds.ts'
import { kubectl, kubectlWith } from '../world/kubectl.ts'
import { until } from '../world/until.ts'
import { createSdkAccount, serviceUrl } from './nodeWorld.ts'
import { PageShell, pageCommands } from './pageShell.ts'
import { serveCharts } from './tools/chartRepository.ts'
import { helm, helmWith, noHelm } from './tools/helm.ts'

const MINUTE = 60_000
const PAGE = 'docs/tutorial/cluster.md'
const commands = pageCommands(PAGE).filter(({ heading }) => heading === 'For players')
const CHARTS = 'https://prometheus-community.github.io/helm-charts'
const OWNER_PASSWORD = 'of-the-owner'
const passwords = { GAMESERVER_PASSWORD: 'of-the-servers', MATCHMAKER_PASSWORD: 'of-the-matchmakers', ORCHESTRATOR_PASSWORD: 'of-the-orchestrators' }

/** What a reader changes in the copy of the overlay: the image, which the nodes have. The host names of the example stay. */
const EDITOR = `sed -i -e 's#registry.example.com/strata#strata#' -e 's#newTag: 0.1.0#newTag: dev#' "$@"`

if (noHelm !== undefined) process.stderr.write(`the last section of ${PAGE} is skipped: ${noHelm}\n`)

describe.skipIf(noHelm !== undefined)(`${PAGE}, "For players": every command, as the page has it`, () => {
  const stack = new AsyncDisposableStack()
  /** The checkout, with manifests of its own: the commands write into them and beside them. */
  const folder = mkdtempSync(join(tmpdir(), 'strata-live-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const editor = join(folder, 'editor.sh')
  let programs: Record<string, string>

  beforeAll(async () => {
    for (const name of readdirSync(root)) if (!['k8s', '.git'].includes(name)) symlinkSync(join(root, name), join(folder, name))
    cpSync(join(root, 'k8s'), join(folder, 'k8s'), { recursive: true })
    // What the section expects: a certificate, the Prometheus operator, the namespace of Prometheus, and, in place of managed stores, those of the development overlay.
    const names = ['-subj', '/CN=play.example.com', '-addext', 'subjectAltName=DNS:*.play.example.com']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'play.key', '-out', 'play.crt', ...names], {
      cwd: folder,
      stdio: 'pipe',
    })
    const foreign = ['PodMonitor', 'PrometheusRule', 'ServiceMonitor'].map((kind) => crd('monitoring.coreos.com', kind, {}))
    await kubectlWith(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: foreign }), 'apply', '-f', '-')
    await kubectl('create', 'namespace', 'monitoring')
    const adapter = { name: 'prometheus-adapter', version: '5.0.0', values: '{}\n', templates: { 'values.yaml': adapterTemplate } }
    const { url } = stack.use(await serveCharts(helm, [adapter]))
    writeFileSync(editor, `#!/bin/sh\n${EDITOR}\n`)
    chmodSync(editor, 0o755)
    programs = { helm: helmWith({ [CHARTS]: url }) }
  }, 5 * MINUTE)
  afterAll(() => stack.disposeAsync())

  const file = (name: string, values: Record<string, string>): void =>
    writeFileSync(
      join(folder, name),
      Object.entries(values)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )

  it(
    'copy of the overlay, keys, roles, users, connections, certificate, manifests; a map becomes Ready on servers with wss',
    async () => {
      const first = commands.findIndex(({ text }) => text.includes('--from-env-file=passwords.env'))
      using before = new PageShell({ folder })
      await before.run([{ text: `export EDITOR=${editor}` }, ...commands.slice(0, first)])
      await createSdkAccount()
      await startStores()
      const owner = `postgres://strata:${OWNER_PASSWORD}@postgres:5432/strata`
      file('passwords.env', { ...passwords, DATABASE_URL: owner })
      for (const [name, password] of Object.entries(passwords)) {
        const role = name.split('_')[0]?.toLowerCase() ?? ''
        const user = `strata_${role}:${password}`
        file(`${role}.env`, { DATABASE_URL: `postgres://${user}@postgres:5432/strata`, REDIS_URL: `redis://${user}@redis:6379` })
      }
      // The stores here have no TLS, and their names are known in the cluster only.
      const redis = new URL(await serviceUrl('redis')).host
      using after = new PageShell({ folder, programs, words: [['rediss://:PASSWORD@HOST:6379', `redis://${redis}`]] })
      const output = await after.run(commands.slice(first))
      expect(output).toContain('STATUS: deployed')
      expect(output).toContain('secret/strata-players-tls created')
      expect(output.match(/^OK$/gm)?.length, output).toBeGreaterThanOrEqual(3)
      expect(readdirSync(folder).filter((name) => name.endsWith('.env'))).toEqual([])

      await kubectl('rollout', 'status', 'deployment/strata-orchestrator', '--timeout=110s')
      await kubectl('apply', '-f', join(root, 'fleets/town.yaml'))
      const ready = () => kubectl('get', 'mappolicy', 'town', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')
      await until('the map is Ready', async () => (await ready()) === 'True' || ready(), 6 * MINUTE, 1_000)
      await until(
        'a matchmaker is ready',
        async () => Number(await kubectl('get', 'deployment', 'strata-matchmaker', '-o', 'jsonpath={.status.readyReplicas}')) > 0,
        4 * MINUTE,
        1_000,
      )
    },
    25 * MINUTE,
  )
})

/** What the adapter gets: a chart that needs other values fails. */
const adapterTemplate = `apiVersion: v1
kind: ConfigMap
metadata: { name: prometheus-adapter }
data:
  rules: {{ required "the rules of the metrics" .Values.rules | toJson | quote }}
`

/** PostgreSQL and Redis of the development overlay, with the owner's password of this test. */
async function startStores(): Promise<void> {
  await kubectl('create', 'secret', 'generic', 'strata-dev-postgres', `--from-literal=password=${OWNER_PASSWORD}`)
  const all = parseAllDocuments(await kubectl('kustomize', join(root, 'k8s/overlays/dev')))
  const stores = all.filter((one) => /postgres|redis/.test(String(one.getIn(['metadata', 'name']))))
  await kubectlWith(stores.map(String).join('---\n'), 'apply', '-f', '-')
  await kubectl('rollout', 'status', 'statefulset/postgres', '--timeout=110s')
  await kubectl('rollout', 'status', 'deployment/redis', '--timeout=110s')
}
