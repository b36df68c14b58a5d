import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { V1Pod } from '@kubernetes/client-node'
import { roleUrl } from '../../../local/services/roleUrl.ts'
import { roles } from '../../../model/access/process.ts'
import { type StatusResponse, statusResponse } from '../../../model/wire/admin.ts'
import type { PolicyObject } from '../../../service/kubernetes/policyObject.ts'
import { migrate } from '../../../store/database/migrate.ts'
import { freshDatabase } from '../../freshDatabase.ts'
import { openPki } from '../harness/pki.ts'
import type { Fleet, GameServer } from '../standin/objects.ts'
import { environment, kubectl, kubectlWith, NAMESPACE, secret } from './kubectl.ts'
import { list } from './read.ts'
import { isReady, portOf, ServiceProxy } from './serviceProxy.ts'
import { until } from './until.ts'

const root = resolve(import.meta.dirname, '../../..')
const START_TIMEOUT_MS = 240_000
/** Database of the tests' Redis: the processes use the key names of production. */
const REDIS_DATABASE = 7
export const MAPS = ['forest', 'hills', 'marsh', 'town'] as const

const control = process.env['STRATA_CLUSTER_CONTROL']
/** Whether tests may kill processes and stop the API server; only in the cluster that setup.ts starts. */
export const mayInjectFaults = control !== undefined

/** Stops the API server for `ms`; resolves when it is back. */
export async function stopApiServer(ms: number): Promise<void> {
  const answer = await fetch(`${control}/outage?ms=${ms}`, { method: 'POST' })
  if (!answer.ok) throw new Error(await answer.text())
}

export interface Orchestrator {
  pod: string
  pid: number
  url: string
}

/** Sets up the system as the tutorial does, from the same files by kubectl: keys, base, policies; two orchestrators, a matchmaker, a fleet. */
export class WorldUnderTest implements AsyncDisposable {
  readonly matchmaker: string
  readonly #stack: AsyncDisposableStack

  private constructor(matchmaker: string, stack: AsyncDisposableStack) {
    this.matchmaker = matchmaker
    this.#stack = stack
  }

  static async start(): Promise<WorldUnderTest> {
    await using starting = new AsyncDisposableStack()
    const database = starting.use(await freshDatabase())
    await kubectl('create', 'namespace', NAMESPACE)
    // Pods that are processes have no DNS: the certificate also names loopback, and the stores are the tests' own.
    const pki = openPki(process.env['STRATA_CLUSTER_PKI'] ?? '')
    const webhook = pki.issue('webhook', [`strata-autoscaler.${NAMESPACE}.svc`])
    const text = (file: string): string => readFileSync(file, 'utf8')
    const password = 'of-the-cluster-test'
    const redisUrl = process.env['REDIS_URL']
    await migrate(database.url, { gameserver: password, matchmaker: password, orchestrator: password })
    for (const kind of ['gameserver', 'matchmaker', 'orchestrator'] as const) {
      const connections = { DATABASE_URL: roleUrl(database.url, roles[kind], password), REDIS_URL: `${redisUrl}/${REDIS_DATABASE}` }
      await kubectlWith(secret(`strata-${kind}-connections`, connections), 'create', '-f', '-')
    }
    const tls = { 'tls.crt': text(webhook.certificate), 'tls.key': text(webhook.key), 'ca.crt': pki.ca }
    await kubectlWith(secret('strata-webhook-tls', tls), 'create', '-f', '-')
    await promisify(execFile)('bash', [join(root, 'k8s/keys.sh'), 'init', '--dev'], { env: environment })
    // Agones' installer creates these in each namespace for game servers.
    await kubectl('create', 'serviceaccount', 'agones-sdk')
    await kubectl('create', 'rolebinding', 'agones-sdk', '--clusterrole=agones-sdk', `--serviceaccount=${NAMESPACE}:agones-sdk`)

    await kubectl('apply', '-k', join(root, 'test/cluster/overlay'))
    await kubectl('wait', '--for=condition=Established', 'crd/mappolicies.strata.dev', '--timeout=30s')
    const orchestrators = starting.use(await ServiceProxy.open('app.kubernetes.io/name=strata-orchestrator', 8443))
    const url = `https://127.0.0.1:${orchestrators.port}/v1/autoscale`
    const caBundle = Buffer.from(pki.ca).toString('base64')
    await kubectl(
      'patch',
      'fleetautoscaler',
      'overworld',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { policy: { webhook: { service: null, url, caBundle } } } }),
    )
    for (const map of MAPS) await kubectl('apply', '-f', join(root, 'fleets', `${map}.yaml`))

    const players = starting.use(await ServiceProxy.open('app.kubernetes.io/name=strata-matchmaker', 7100))
    const world = new WorldUnderTest(`http://127.0.0.1:${players.port}`, starting.move())
    try {
      await until(
        'two orchestrators and a matchmaker ready',
        async () => (await world.orchestrators()).length === 2 && (await fetch(`${world.matchmaker}/readyz`)).ok,
        START_TIMEOUT_MS,
      )
    } catch (error) {
      await world[Symbol.asyncDispose]()
      throw error
    }
    return world
  }

  /** The orchestrators that are ready. */
  async orchestrators(): Promise<Orchestrator[]> {
    const pods = await list<V1Pod>('pod', 'app.kubernetes.io/name=strata-orchestrator')
    return pods.filter(isReady).map((pod) => ({ pod: pod.metadata?.name ?? '', pid: pidOf(pod), url: `http://127.0.0.1:${portOf(pod, 7100)}` }))
  }

  async status(): Promise<StatusResponse> {
    const [one] = await this.orchestrators()
    return statusOf(one)
  }

  async leader(): Promise<Orchestrator | undefined> {
    for (const one of await this.orchestrators()) if ((await statusOf(one)).leader) return one
    return undefined
  }

  servers(): Promise<GameServer[]> {
    return list<GameServer>('gameserver')
  }
  async pods(): Promise<V1Pod[]> {
    return list<V1Pod>('pod', 'agones.dev/role=gameserver')
  }
  async fleet(): Promise<Fleet> {
    const [fleet] = await list<Fleet>('fleet')
    if (fleet === undefined) throw new Error('there is no fleet')
    return fleet
  }
  policies(): Promise<PolicyObject[]> {
    return list<PolicyObject>('mappolicy')
  }

  /** Number of copies that were lost with their server, from the events at the objects. */
  async lostCopies(): Promise<number> {
    return (await list('event')).filter((event) => 'reason' in event && event.reason === 'CopyLost').length
  }

  async untilSettled(withinMs = START_TIMEOUT_MS): Promise<void> {
    await until(
      'every map Ready',
      async () => {
        const policies = await this.policies()
        const ready = policies.filter(({ status }) => status?.conditions?.every((one) => one.status === 'True') === true)
        return ready.length === policies.length && policies.length > 0 ? true : policies.map(({ metadata, status }) => [metadata?.name, status])
      },
      withinMs,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Deleted because the next suite uses the same names. The orchestrators end with the namespace, so nobody would remove the finalizers.
    await kubectl('delete', 'mappolicies', '--all', '--wait=false')
    for (const name of (await kubectl('get', 'mappolicies', '-o', 'name')).split('\n').filter((line) => line !== ''))
      await kubectl('patch', name, '--type=merge', '-p', JSON.stringify({ metadata: { finalizers: null } })).catch(() => {}) // the leader was faster
    // The pods end before the namespace is deleted: its controller looks again only after half of the longest grace period that it sees, which is minutes here.
    await kubectl('delete', 'fleets,deployments', '--all', '--timeout=60s')
    await kubectl('wait', '--for=delete', 'pods', '--all', '--timeout=60s').catch(() => {}) // there are none any more
    await kubectl('delete', 'namespace', NAMESPACE, '--timeout=100s')
    await this.#stack.disposeAsync()
  }
}

/** The server that hosts most of these players. */
export function fullest(copies: ReadonlyMap<string, number>, { copies: hosted }: StatusResponse): { server: string; players: number } {
  const counts = new Map<string, number>()
  for (const { copy, server } of hosted) counts.set(server, (counts.get(server) ?? 0) + (copies.get(copy) ?? 0))
  const [[server, players] = ['', 0]] = [...counts].sort((a, b) => b[1] - a[1])
  return { server, players }
}

/** Process id of a pod's main container. */
export function pidOf({ status, spec }: V1Pod): number {
  const main = status?.containerStatuses?.find(({ name }) => name === spec?.containers[0]?.name)
  return Number(main?.containerID?.replace('process://', ''))
}

async function statusOf(one: Orchestrator | undefined): Promise<StatusResponse> {
  if (one === undefined) throw new Error('no orchestrator is ready')
  return statusResponse.parse(await (await fetch(`${one.url}/v1/status`, { signal: AbortSignal.timeout(5_000) })).json())
}
