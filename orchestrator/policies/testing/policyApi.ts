import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { KubeConfig, type V1ObjectMeta } from '@kubernetes/client-node'
import { POLICY_GROUP, POLICY_VERSION } from '../../../service/kubernetes/policyObject.ts'

interface StoredPolicy {
  apiVersion: string
  kind: 'MapPolicy'
  metadata: V1ObjectMeta & { name: string }
  spec: unknown
}
/** `deletionTimestamp` is text in JSON; the client's type says Date. */
type Metadata = Omit<V1ObjectMeta, 'deletionTimestamp'> & { deletionTimestamp?: string }

const PATH = `/apis/${POLICY_GROUP}/${POLICY_VERSION}/namespaces/strata/mappolicies`

/** Serves MapPolicy objects over HTTP as the API server does: list, watch, merge patches of the metadata with its resource version, and deletion with finalizers. */
export class PolicyApi implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  readonly #objects = new Map<string, StoredPolicy>()
  readonly #watchers = new Set<ServerResponse>()
  #version = 1

  static async start(): Promise<PolicyApi> {
    const api = new PolicyApi()
    await new Promise<void>((resolve) => void api.#server.listen(0, '127.0.0.1', resolve))
    return api
  }

  get config(): KubeConfig {
    const { port } = this.#server.address() as AddressInfo // it listens on TCP
    const config = new KubeConfig()
    config.loadFromClusterAndUser({ name: 'test', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'test' })
    return config
  }

  create(name: string, spec: unknown, finalizers: string[] = []): void {
    const metadata = { name, namespace: 'strata', uid: `${name}-${this.#version}`, generation: 1, finalizers }
    this.#store({ apiVersion: `${POLICY_GROUP}/${POLICY_VERSION}`, kind: 'MapPolicy', metadata, spec }, 'ADDED')
  }

  metadata(name: string): Metadata | undefined {
    return this.#objects.get(name)?.metadata as Metadata | undefined // as stored, so text
  }

  /** A write by somebody else. */
  setFinalizers(name: string, finalizers: string[]): void {
    const object = this.#objects.get(name)
    if (object !== undefined) this.#store({ ...object, metadata: { ...object.metadata, finalizers } }, 'MODIFIED')
  }

  /** An object with finalizers gets a deletion time and a new generation, and exists until its last finalizer is removed. */
  delete(name: string): void {
    const object = this.#objects.get(name)
    if (object === undefined) return
    const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z', generation: (object.metadata.generation ?? 0) + 1 }
    // The type of the client says Date, the API sends text.
    this.#store({ ...object, metadata: { ...object.metadata, ...deleted } as never }, 'MODIFIED')
  }

  #store(object: StoredPolicy, type: 'ADDED' | 'MODIFIED'): void {
    const { name, deletionTimestamp, finalizers = [] } = object.metadata
    const gone = deletionTimestamp !== undefined && finalizers.length === 0
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } }
    if (gone) this.#objects.delete(name)
    else this.#objects.set(name, stored)
    for (const watcher of this.#watchers) watcher.write(`${JSON.stringify({ type: gone ? 'DELETED' : type, object: stored })}\n`)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://localhost')
    const json = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.method === 'GET' && url.pathname === PATH) {
      if (url.searchParams.get('watch') !== 'true') {
        const items = [...this.#objects.values()]
        return json(200, { kind: 'MapPolicyList', metadata: { resourceVersion: String(this.#version) }, items })
      }
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      this.#watchers.add(response)
      response.on('close', () => this.#watchers.delete(response))
      return
    }
    const object = this.#objects.get(url.pathname.slice(PATH.length + 1))
    if (request.method !== 'PATCH' || object === undefined) return json(404, { kind: 'Status', code: 404 })
    // The body is a merge patch of the metadata, whose lists replace those of the object.
    const { metadata } = JSON.parse(await text(request)) as { metadata: V1ObjectMeta }
    if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== object.metadata.resourceVersion) return json(409, { kind: 'Status', code: 409 })
    const added = metadata.finalizers?.some((one) => !object.metadata.finalizers?.includes(one)) === true
    if (added && object.metadata.deletionTimestamp !== undefined) return json(422, { kind: 'Status', code: 422 })
    this.#store({ ...object, metadata: { ...object.metadata, ...metadata } }, 'MODIFIED')
    json(200, this.#objects.get(object.metadata.name) ?? object)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
