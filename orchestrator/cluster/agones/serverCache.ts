import { setTimeout as sleep } from 'node:timers/promises'
import { type CustomObjectsApi, type Informer, type KubeConfig, type KubernetesListObject, makeInformer, type ObjectCache } from '@kubernetes/client-node'
import { StrataError } from '../../../model/errors.ts'
import type { Random } from '../../../model/random.ts'
import type { Logger } from '../../../service/log.ts'
import type { GameServer } from '../fleets.ts'
import { type AgonesGameServer, toGameServer } from './objects.ts'
import { backoffMs } from './backoff.ts'

/** After so long without a successful list or watch, what is cached is no longer passed off as the truth. */
const STALE_AFTER_MS = 60_000

/**
 * All game servers of a namespace by list + watch. The library's informer lists anew on 410 Gone and cuts a silent (half-open)
 * watch after 30 s; it stops at any other error, so this starts it again with back-off and jitter: outages of the API server
 * end here.
 */
export class ServerCache implements AsyncDisposable {
  readonly #informer: Informer<AgonesGameServer> & ObjectCache<AgonesGameServer>
  readonly #stopping = new AbortController()
  #failures = 0
  #listed = false
  #failingSince: number | undefined

  readonly #log: Logger
  readonly #random: Random

  constructor(config: KubeConfig, objects: CustomObjectsApi, namespace: string, log: Logger, random: Random) {
    this.#log = log
    this.#random = random
    const list = async (): Promise<KubernetesListObject<AgonesGameServer>> => {
      // The generated client types custom objects as `any`; the CRD's schema is the guarantee.
      const answer: KubernetesListObject<AgonesGameServer> = await objects.listNamespacedCustomObject({ group: 'agones.dev', version: 'v1', namespace, plural: 'gameservers' })
      this.#recovered()
      this.#listed = true
      return answer
    }
    this.#informer = makeInformer<AgonesGameServer>(config, `/apis/agones.dev/v1/namespaces/${namespace}/gameservers`, list)
    this.#informer.on('change', () => this.#recovered())
    this.#informer.on('error', (error: unknown) => void this.#restart(error))
  }

  async start(): Promise<void> {
    await this.#informer.start()
  }

  /** Throws DEPENDENCY_DOWN before the first list, and when the API server has been away for too long. */
  servers(): GameServer[] {
    const stale = this.#failingSince !== undefined && Date.now() - this.#failingSince > STALE_AFTER_MS
    if (!this.#listed || stale) throw new StrataError('DEPENDENCY_DOWN', { what: 'The Kubernetes API' })
    return this.#informer.list().flatMap((object) => toGameServer(object) ?? [])
  }

  onChange(listener: () => void): void {
    this.#informer.on('change', listener)
  }

  #recovered(): void {
    if (this.#failures > 0) this.#log.info({ failures: this.#failures }, 'the watch on game servers is back')
    this.#failures = 0
    this.#failingSince = undefined
  }

  async #restart(error: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#failingSince ??= Date.now()
    const delayMs = backoffMs(this.#failures++, this.#random)
    this.#log.warn({ err: error, delayMs: Math.round(delayMs), failures: this.#failures }, 'the watch on game servers broke')
    try {
      await sleep(delayMs, undefined, { signal: this.#stopping.signal })
    } catch {
      return // stopping
    }
    await this.#informer.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort()
    await this.#informer.stop()
  }
}
