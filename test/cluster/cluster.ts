import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type AgonesFiles, agonesSdk, createAgonesCrds, startAgones } from './harness/agones.ts'
import { startControlPlane } from './harness/controlPlane.ts'
import { startKubelet } from './harness/kubelet.ts'
import { makePki } from './harness/pki.ts'
import { Processes } from './harness/processes.ts'
import { createStandInCrds, startStandIn } from './standin/standin.ts'

export interface ClusterOptions {
  /** Folder with the binaries etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl. */
  bin: string
  /** An empty folder for data, logs and certificates. */
  folder: string
  /** Agones' binaries and manifests; undefined for the stand-in. */
  agones: AgonesFiles | undefined
  nodes: readonly string[]
  /** The command of every container that has none, and its working directory. */
  entrypoint: readonly string[]
  cwd: string
}

export interface Cluster extends AsyncDisposable {
  kubeconfig: string
  /** URL of the control server. `POST /outage?ms=…` kills the API server and starts it again after `ms`. */
  control: string
  pki: string
}

/** Starts a real control plane as processes, a kubelet that runs pods as processes, and Agones or its stand-in. */
export async function startCluster({ bin, folder, agones, nodes, entrypoint, cwd }: ClusterOptions): Promise<Cluster> {
  await using starting = new AsyncDisposableStack()
  mkdirSync(join(folder, 'log'), { recursive: true })
  const processes = new Processes(join(folder, 'log'))
  starting.defer(() => processes.stop())
  const pki = makePki(join(folder, 'pki'))
  const plane = await startControlPlane(bin, folder, pki, { processes })
  if (agones === undefined) createStandInCrds(plane)
  else createAgonesCrds(agones, plane)
  await plane.startManagers()
  const sdkOf =
    agones === undefined
      ? (({ sdkOf }) => sdkOf)(starting.use(await startStandIn(plane, pki)))
      : (pod: Parameters<typeof agonesSdk>[1]) => agonesSdk(agones, pod)
  starting.use(await startKubelet({ api: plane.api, folder, entrypoint, cwd, sdkOf }, nodes))
  if (agones !== undefined) await startAgones(agones, folder, pki, { ...plane, processes })
  else await processes.until('kube-apiserver', async () => (await plane.api.get('/apis/allocation.agones.dev/v1')) !== undefined)

  const control = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (request.method !== 'POST' || url.pathname !== '/outage') return void response.writeHead(404).end()
    plane.outage(Number(url.searchParams.get('ms'))).then(
      () => response.end('back'),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => control.listen(0, '127.0.0.1', resolve))
  starting.defer(() => void control.close())
  const running = starting.move()
  return {
    kubeconfig: plane.kubeconfig,
    control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`, // a TCP server's address is never a string
    pki: join(folder, 'pki'),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
