import { setTimeout as sleep } from 'node:timers/promises'
import {
  CustomObjectsApi,
  type Informer,
  type KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  makeInformer,
  type ObjectCache,
} from '@kubernetes/client-node'
import { StrataError } from '../../model/errors.ts'
import type { Random } from '../../model/random.ts'
import { backoffMs } from '../../model/retry/backoff.ts'
import type { Logger } from '../log.ts'

/** After this time without a successful list or watch, in ms, `list` throws instead of returning outdated objects. */
const STALE_AFTER_MS = 60_000
/** Delays before the informer is started again. */
const RESTART_TIMES = { firstMs: 200, maxMs: 15_000 }

export interface InformerOptions {
  config: KubeConfig
  group: string
  version: string
  namespace: string
  plural: string
  log: Logger
  random: Random
}

/**
 * All objects of one kind in a namespace, by list and watch. The client library's informer lists again on 410 Gone and ends a silent (half-open)
 * watch after 30 s. On any other error it stops, so this class starts it again with back-off and jitter.
 */
export class ResilientInformer<T extends KubernetesObject> implements AsyncDisposable {
  readonly #informer: Informer<T> & ObjectCache<T>
  readonly #stopping = new AbortController()
  readonly #plural: string
  readonly #log: Logger
  readonly #random: Random
  #failures = 0
  #listed = false
  #failingSince: number | undefined

  constructor({ config, group, version, namespace, plural, log, random }: InformerOptions) {
    this.#plural = plural
    this.#log = log
    this.#random = random
    const objects = config.makeApiClient(CustomObjectsApi)
    const list = async (): Promise<KubernetesListObject<T>> => {
      // The generated client types custom objects as `any`; the CRD's schema is the guarantee.
      const answer: KubernetesListObject<T> = await objects.listNamespacedCustomObject({ group, version, namespace, plural })
      this.#recovered()
      this.#listed = true
      return answer
    }
    this.#informer = makeInformer<T>(config, `/apis/${group}/${version}/namespaces/${namespace}/${plural}`, list)
    this.#informer.on('change', () => this.#recovered())
    this.#informer.on('error', (error: unknown) => void this.#restart(error))
  }

  /** Resolves after the first list succeeded or failed. Retries run in the background. */
  async start(): Promise<void> {
    await this.#informer.start()
  }

  /** Throws DEPENDENCY_DOWN before the first list, and when the API server has been unreachable for `STALE_AFTER_MS`. */
  list(): readonly T[] {
    const stale = this.#failingSince !== undefined && Date.now() - this.#failingSince > STALE_AFTER_MS
    if (!this.#listed || stale) throw new StrataError('DEPENDENCY_DOWN', { what: 'The Kubernetes API' })
    return this.#informer.list()
  }

  onChange(listener: (object: T) => void): void {
    this.#informer.on('change', listener)
  }

  #recovered(): void {
    if (this.#failures > 0) this.#log.info({ failures: this.#failures }, `the watch on ${this.#plural} works again`)
    this.#failures = 0
    this.#failingSince = undefined
  }

  async #restart(error: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#failingSince ??= Date.now()
    const delayMs = backoffMs(RESTART_TIMES, ++this.#failures, this.#random)
    this.#log.warn({ err: error, delayMs: Math.round(delayMs), failures: this.#failures }, `the watch on ${this.#plural} broke`)
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
