import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startControlPlane } from '../harness/controlPlane.ts'
import { makePki } from '../harness/pki.ts'
import { Processes } from '../harness/processes.ts'
import { createStandInCrds, startStandIn } from '../standin/standin.ts'
import { addSidecar, clusterObjects } from './clusterObjects.ts'
import { ContainerNode } from './containerNode.ts'
import { serveControl } from './control.ts'
import { CONTROL_ADDRESS, NODES, setUpNetwork } from './network.ts'
import { startProxy } from './proxy.ts'

/** Vitest's global set-up inside the namespaces of `isolated.ts`: a control plane, two nodes with kubelets, Services, DNS, and the stand-in for Agones. */
export default async function setup(): Promise<() => Promise<void>> {
  const { STRATA_NODE_FOLDER: folder, STRATA_NODE_BIN: bin, STRATA_NODE_ARCHIVES: archives } = process.env
  if (folder === undefined || bin === undefined || archives === undefined) throw new Error('run it by `npm run test:cluster -- --node`')
  const started = Date.now()
  await using starting = new AsyncDisposableStack()
  mkdirSync(join(folder, 'log'), { recursive: true })
  const processes = new Processes(join(folder, 'log'))
  starting.defer(() => processes.stop())
  setUpNetwork(NODES.length)
  const pki = makePki(join(folder, 'pki'))
  const plane = await startControlPlane(bin, folder, pki, { processes, address: CONTROL_ADDRESS })
  createStandInCrds(plane)
  await plane.startManagers()
  starting.use(await startStandIn(plane, pki, addSidecar))
  plane.kubectl(['apply', '-f', '-'], JSON.stringify(clusterObjects(join(folder, 'volume'))))
  const volume = join(folder, 'volume')
  mkdirSync(volume)
  // PostgreSQL's user makes its folder here; a volume of this kind belongs to root.
  chmodSync(volume, 0o777)
  startProxy(bin, folder, plane.kubeconfig, processes)
  const nodes = NODES.map(
    (name, index) => new ContainerNode({ name, index, bin, folder, kubeconfig: plane.kubeconfig, archives: archives.split(':'), processes }),
  )
  await Promise.all(nodes.map((node) => node.start()))
  for (const { name } of nodes) await processes.until(`kubelet-${name}`, () => readyNode(plane.kubectl, name), 120_000)
  await processes.until(
    'kubelet-node-a',
    () => plane.kubectl(['--namespace=kube-system', 'get', 'deployment', 'coredns', '-o', 'jsonpath={.status.readyReplicas}']) === '1',
    120_000,
  )
  process.env['KUBECONFIG'] = plane.kubeconfig
  process.env['STRATA_NODE_CONTROL'] = starting.use(await serveControl(nodes)).url
  process.stderr.write(`cluster: ${nodes.length} nodes with kubelets, ready in ${((Date.now() - started) / 1_000).toFixed(1)} s, ${folder}\n`)
  const running = starting.move()
  return () => running.disposeAsync()
}

function readyNode(kubectl: (args: readonly string[]) => string, name: string): boolean {
  return kubectl(['get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}']) === 'True'
}
