import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { V1Pod } from '@kubernetes/client-node'
import { type StatusResponse, statusResponse } from '../../../model/wire/admin.ts'
import type { PolicyObject } from '../../../service/kubernetes/policyObject.ts'
import { auditDatabase } from '../../../store/economy/ledger/audit.ts'
import { root } from '../../image/strataImage.ts'
import type { GameServer } from '../standin/objects.ts'
import { environment, kubectl, kubectlWith, NAMESPACE } from '../world/kubectl.ts'
import { list } from '../world/read.ts'
import { until } from '../world/until.ts'

const MINUTE = 60_000
/** Processes share two cores with the whole cluster and the players' clients. */
const START_TIMEOUT_MS = 10 * MINUTE
const maps = ['town', 'forest', 'hills', 'marsh', 'barrow']
const control = process.env['STRATA_NODE_CONTROL'] ?? ''

/** Does to a node what no API can do: `stop-kubelet`, `start-kubelet`, `lose`, `restore`, `load`, `forget`, `pid`. */
export async function nodeAction(action: string, query: Record<string, string>): Promise<string> {
  const answer = await fetch(`${control}/${action}?${new URLSearchParams(query)}`)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}

/** The system as the tutorial sets it up, from its own commands; the pods are containers. */
export class NodeWorld implements AsyncDisposable {
  /** Addresses of the Services. Only this network namespace reaches them, as only a cluster does. */
  readonly matchmaker: string
  readonly orchestrator: string

  private constructor(matchmaker: string, orchestrator: string) {
    this.matchmaker = matchmaker
    this.orchestrator = orchestrator
  }

  static async start(): Promise<NodeWorld> {
    await kubectl('apply', '-f', join(root, 'k8s/overlays/dev/namespace.yaml'))
    await createSdkAccount()
    await keys('init', '--dev')
    await kubectl('apply', '-k', join(root, 'k8s/overlays/dev'))
    await keys('trust')
    await rolledOut('statefulset/postgres', 'deployment/strata-orchestrator')
    for (const map of maps) await kubectl('apply', '-f', join(root, 'fleets', `${map}.yaml`))
    await rolledOut('deployment/strata-matchmaker')
    const world = new NodeWorld(await serviceUrl('strata-matchmaker'), await serviceUrl('strata-orchestrator'))
    await world.untilSettled()
    return world
  }

  async status(): Promise<StatusResponse> {
    const token = await secretField('strata-operator', 'token')
    const answer = await fetch(`${this.orchestrator}/v1/status`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5_000) })
    return statusResponse.parse(await answer.json())
  }

  servers(): Promise<GameServer[]> {
    return list<GameServer>('gameserver')
  }
  pods(): Promise<V1Pod[]> {
    return list<V1Pod>('pod', 'agones.dev/role=gameserver')
  }
  async pod(name: string): Promise<V1Pod> {
    const pod = (await this.pods()).find(({ metadata }) => metadata?.name === name)
    if (pod === undefined) throw new Error(`there is no pod ${name}`)
    return pod
  }

  async untilSettled(): Promise<void> {
    await until(
      'every map Ready',
      async () => {
        const policies = await list<PolicyObject>('mappolicy')
        const ready = policies.filter(({ status }) => status?.conditions?.every((one) => one.status === 'True') === true)
        return (ready.length === policies.length && policies.length > 0) || policies.map(({ metadata, status }) => [metadata?.name, status?.conditions])
      },
      START_TIMEOUT_MS,
    )
  }

  /** Audits the database: every coin and item is accounted for. Returns the findings. */
  async audit(): Promise<string[]> {
    const url = new URL(await secretField('strata-migrate', 'DATABASE_URL'))
    url.hostname = new URL(await serviceUrl('postgres')).hostname
    return (await auditDatabase(url.href)).findings
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await kubectl('delete', 'mappolicies', '--all', '--wait=false')
    await kubectl('delete', 'fleets,deployments,statefulsets', '--all', '--wait=false')
    await kubectl('delete', 'pods', '--all', '--grace-period=0', '--force').catch(() => '') // pods of a lost node would wait without limit
  }
}

/** Agones' installer creates the account of its sidecars in each namespace for game servers. */
export async function createSdkAccount(): Promise<void> {
  await kubectl('create', 'serviceaccount', 'agones-sdk')
  await kubectl('create', 'rolebinding', 'agones-sdk', '--clusterrole=agones-sdk', `--serviceaccount=${NAMESPACE}:agones-sdk`)
}

async function rolledOut(...names: string[]): Promise<void> {
  for (const name of names)
    await until(`${name} rolled out`, async () => (await kubectl('rollout', 'status', name, '--timeout=100s')) !== '', START_TIMEOUT_MS, 1_000)
}

const keys = (...args: string[]) => promisify(execFile)('bash', [join(root, 'k8s/keys.sh'), ...args], { env: environment })

/** Address of a Service. Only the network namespace of the nodes reaches it. */
export async function serviceUrl(name: string): Promise<string> {
  const [address, port] = (await kubectl('get', 'service', name, '-o', 'jsonpath={.spec.clusterIP} {.spec.ports[0].port}')).split(' ')
  return `http://${address}:${port}`
}

export async function secretField(name: string, key: string): Promise<string> {
  return Buffer.from(await kubectl('get', 'secret', name, '-o', `jsonpath={.data.${key}}`), 'base64').toString()
}

/** Id of a pod's main container, as containerd knows it. */
export function containerOf({ status, spec }: V1Pod): string {
  const main = status?.containerStatuses?.find(({ name }) => name === spec?.containers[0]?.name)
  return main?.containerID?.replace('containerd://', '') ?? ''
}

/** Runs JavaScript in a container. The image has no shell. */
export const runIn = (pod: string, code: string): Promise<string> => kubectl('exec', pod, '--', '/usr/local/bin/node', '--input-type=module', '--eval', code)

/** Evicts a pod as `kubectl drain` does. */
export async function evict(name: string): Promise<void> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } }
  await kubectlWith(JSON.stringify(body), 'create', '--raw', `/api/v1/namespaces/${NAMESPACE}/pods/${name}/eviction`, '-f', '-')
}
