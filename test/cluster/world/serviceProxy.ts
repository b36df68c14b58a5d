import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { V1Pod } from '@kubernetes/client-node'
import { PORTS_ANNOTATION } from '../harness/pod.ts'
import { list } from './read.ts'

const REFRESH_EVERY_MS = 1_000

/** Replaces a Service: forwards one port to the ready pods behind a selector, in turn. */
export class ServiceProxy implements AsyncDisposable {
  readonly port: number
  readonly #close: () => void

  private constructor(port: number, close: () => void) {
    this.port = port
    this.#close = close
  }

  static async open(selector: string, containerPort: number): Promise<ServiceProxy> {
    let targets: number[] = []
    let turn = 0
    const refresh = async (): Promise<void> => {
      const pods = await list<V1Pod>('pod', selector)
      targets = pods.filter(isReady).flatMap((pod) => portOf(pod, containerPort) ?? [])
    }
    // While the API server is unavailable, the last known pods remain the targets, as with kube-proxy.
    let refreshing = false
    const refreshUnlessRunning = async (): Promise<void> => {
      if (refreshing) return
      refreshing = true
      await refresh().catch(() => undefined)
      refreshing = false
    }
    const timer = setInterval(() => void refreshUnlessRunning(), REFRESH_EVERY_MS)
    await refresh()
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      const port = targets[turn++ % Math.max(1, targets.length)]
      const onward = port === undefined ? undefined : connect(port, '127.0.0.1')
      if (onward === undefined) return void socket.destroy()
      for (const end of [socket, onward]) {
        sockets.add(end)
        end.on('close', () => sockets.delete(end)).on('error', () => undefined)
      }
      socket.pipe(onward).pipe(socket)
      socket.once('close', () => onward.destroy())
      onward.once('close', () => socket.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo // a TCP server's address is never a string
    return new ServiceProxy(port, () => {
      clearInterval(timer)
      server.close()
      for (const socket of sockets) socket.destroy()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close()
  }
}

export function isReady({ status, metadata }: V1Pod): boolean {
  return metadata?.deletionTimestamp === undefined && status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
}

/** The port of this machine for a port of the manifest. */
export function portOf({ metadata }: V1Pod, containerPort: number): number | undefined {
  return (JSON.parse(metadata?.annotations?.[PORTS_ANNOTATION] ?? '{}') as Record<string, number>)[containerPort] // written by the tests' kubelet
}
