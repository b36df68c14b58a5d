import { StrataError } from '../../../model/errors.ts'
import type { FleetName, ServerId } from '../../../model/ids.ts'
import type { Fleets, GameServer } from '../fleets.ts'
import { allocateAnswer, listAnswer } from './hostWire.ts'

/**
 * The port `Fleets` over HTTP to the `LocalFleetHost` of this machine. Throws DEPENDENCY_DOWN when the host does not answer before the deadline of the caller's
 * signal, and the signal's reason when the caller ends the call.
 */
export class LocalFleets implements Fleets {
  readonly #url: string
  readonly #token: string

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  async list(signal: AbortSignal): Promise<GameServer[]> {
    return listAnswer.parse(await this.#ask('GET', '/v1/servers', signal)).servers
  }

  async allocate(fleet: FleetName, signal: AbortSignal): Promise<GameServer | undefined> {
    return allocateAnswer.parse(await this.#ask('POST', `/v1/fleets/${encodeURIComponent(fleet)}/allocate`, signal)).server
  }

  async giveBack(server: ServerId, signal: AbortSignal): Promise<void> {
    await this.#ask('POST', `/v1/servers/${encodeURIComponent(server)}/give-back`, signal)
  }

  async scale(fleet: FleetName, replicas: number, signal: AbortSignal): Promise<void> {
    await this.#ask('PUT', `/v1/fleets/${encodeURIComponent(fleet)}/scale`, signal, { replicas })
  }

  async drain(server: ServerId, signal: AbortSignal): Promise<void> {
    await this.#ask('POST', `/v1/servers/${encodeURIComponent(server)}/overflow`, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #ask(method: string, path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    let response: Response
    let text: string
    try {
      response = await fetch(`${this.#url}${path}`, {
        method,
        headers: { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        // Not combined with another signal: Node 24 keeps a signal of signals for good when `fetch` has listened to it.
        signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      text = await response.text()
    } catch (error) {
      if (signal.aborted && !isTimeout(signal.reason)) throw signal.reason
      throw new StrataError('DEPENDENCY_DOWN', { what: 'The fleet host' }, { cause: error })
    }
    if (response.status === 404) throw new StrataError('NOT_FOUND', { path })
    if (!response.ok) throw new StrataError('INTERNAL', { problem: `the fleet host answered ${response.status}: ${text.slice(0, 200)}` })
    return JSON.parse(text)
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError'
}
