import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ContainerNode } from './containerNode.ts'

/** Lets the tests, which run in other processes than the set-up, do to a node what no API can do. */
export async function serveControl(nodes: readonly ContainerNode[]): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const node = nodes.find(({ name }) => name === url.searchParams.get('node'))
    const act = async (): Promise<string> => {
      if (node === undefined) throw new Error('no such node')
      switch (url.pathname) {
        case '/stop-kubelet':
          await node.stopKubelet()
          return ''
        case '/start-kubelet':
          node.startKubelet()
          return ''
        case '/lose':
          await node.lose()
          return ''
        case '/restore':
          await node.restore()
          return ''
        case '/load':
          await node.load(url.searchParams.get('archive') ?? '')
          return ''
        case '/forget':
          await node.forget(url.searchParams.get('image') ?? '')
          return ''
        case '/pid':
          return String(await node.pidOf(url.searchParams.get('container') ?? ''))
        default:
          throw new Error(`no such action: ${url.pathname}`)
      }
    }
    act().then(
      (text) => response.end(text),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // a TCP server's address is never a string
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
