import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'

export interface Access {
  server: string
  ca: string
  token: string
}

/** An error response of the API server. */
export class ApiError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

type Handler<T> = { sync(objects: T[]): void; changed(object: T, deleted: boolean): void }

const CALL_TIMEOUT_MS = 15_000
const WATCH_AGAIN_MS = 300

/** A minimal Kubernetes client for the tests' own controllers: any path, plain objects. */
export class Api {
  readonly access: Access
  readonly #agent: Agent

  constructor(access: Access) {
    this.access = access
    this.#agent = new Agent({ keepAlive: true, ca: access.ca, maxSockets: 128 })
  }

  get<T>(path: string): Promise<T> {
    return this.call('GET', path)
  }
  create<T>(path: string, body: unknown): Promise<T> {
    return this.call('POST', path, body)
  }
  merge<T>(path: string, body: unknown): Promise<T> {
    return this.call('PATCH', path, body, 'application/merge-patch+json')
  }
  /** JSON patch. With a `test` of the resourceVersion it fails with 409 or 422 after a concurrent write. */
  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call('PATCH', path, body, 'application/json-patch+json')
  }
  async remove(path: string, options: Record<string, unknown> = {}): Promise<void> {
    await this.call('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', ...options }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 404) throw error
    })
  }

  /** Requests a token of a service account, as a kubelet does. */
  async tokenFor(namespace: string, account: string): Promise<string> {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } }
    const { status } = await this.create<{ status: { token: string } }>(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, body)
    return status.token
  }

  /** Throws ApiError for an error response, or the connection's error. */
  async call<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = this.#open(method, path, body, type)
      sent.on('response', (response) => {
        let received = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          received += chunk
        })
        response.on('error', reject).on('end', () => resolve({ status: response.statusCode ?? 0, text: received }))
      })
      sent.on('error', reject)
      sent.setTimeout(CALL_TIMEOUT_MS, () => sent.destroy(new Error(`${method} ${path}: no response within ${CALL_TIMEOUT_MS} ms`)))
    })
    if (status >= 300) throw new ApiError(status, `${method} ${path}: ${status} ${text}`.slice(0, 500))
    return (text.startsWith('{') ? JSON.parse(text) : text) as T // the caller names the kind that it asked for
  }

  /** Lists, then watches until the signal aborts. Lists again after 410 Gone, a broken connection or an outage. */
  async follow<T extends KubernetesObject>(path: string, handler: Handler<T>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { items, metadata } = await this.get<{ items: T[]; metadata: { resourceVersion: string } }>(path)
        handler.sync(items)
        await this.#watch(`${path}?watch=1&resourceVersion=${metadata.resourceVersion}`, handler, signal)
      } catch {
        // The API server is or was unavailable: the loop lists again.
      }
      await sleep(WATCH_AGAIN_MS, undefined, { signal }).catch(() => {})
    }
  }

  #watch<T extends KubernetesObject>(path: string, handler: Handler<T>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sent = this.#open('GET', path)
      let rest = ''
      sent.on('response', (response) => {
        if (response.statusCode !== 200) sent.destroy()
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            const { type, object } = JSON.parse(line) as { type: string; object: T } // a watch event
            if (type === 'ERROR') sent.destroy()
            else if (type !== 'BOOKMARK') handler.changed(object, type === 'DELETED')
          }
        })
        response.on('error', () => resolve()).on('close', () => resolve())
      })
      const stop = (): void => void sent.destroy()
      // The signal may have been aborted during the list before: then its event has passed.
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
      sent
        .on('error', () => resolve())
        .on('close', () => {
          signal.removeEventListener('abort', stop)
          resolve()
        })
    })
  }

  #open(method: string, path: string, body?: unknown, type = 'application/json') {
    const text = body === undefined ? '' : JSON.stringify(body)
    const headers = { authorization: `Bearer ${this.access.token}`, 'content-type': type, 'content-length': Buffer.byteLength(text) }
    const sent = request(new URL(path, this.access.server), { method, agent: this.#agent, headers })
    sent.end(text)
    return sent
  }
}
