import { Agent, type OutgoingHttpHeaders, request } from 'node:http'

export interface Reply {
  status: number
  body: string
}

/** Longest time of one request, in ms. */
const TIMEOUT_MS = 10_000

/** HTTP from an address of its own, so that limits per address meet the hostile clients and not the players of the same machine. */
export class Caller implements Disposable {
  readonly localAddress: string
  readonly #agent: Agent

  constructor(localAddress: string) {
    this.localAddress = localAddress
    this.#agent = new Agent({ keepAlive: true, maxSockets: 64 })
  }

  /** Status 0: nobody answered, because the process is dead or does not want this address. */
  ask(method: string, url: string, headers: OutgoingHttpHeaders = {}, body?: unknown): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve) => {
      const asked = request(url, {
        method,
        agent: this.#agent,
        localAddress: this.localAddress,
        timeout: TIMEOUT_MS,
        headers: { ...headers, ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) },
      })
      asked.once('response', (response) => {
        let received = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          received += chunk
        })
        response.once('error', () => resolve({ status: 0, body: '' }))
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body: received }))
      })
      asked.once('timeout', () => asked.destroy())
      asked.once('error', () => resolve({ status: 0, body: '' }))
      asked.end(text)
    })
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}
