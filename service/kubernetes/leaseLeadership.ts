import { CoordinationV1Api, type KubeConfig, type V1Lease, V1MicroTime } from '@kubernetes/client-node'
import type { Clock, Instant } from '../../model/clock.ts'
import type { Logger } from '../log.ts'
import { statusCode, withDeadline } from './call.ts'

/** A lease not renewed for so long may be taken by another: with the renewal below, a crashed leader is replaced within 15 s (rule D3). */
const LEASE_MS = 10_000
const RENEW_MS = 2_500
/** Whoever could not renew for so long steps down by itself, before anybody else may take the lease. */
const STEP_DOWN_MS = 7_500
const CALL_TIMEOUT_MS = 2_000

export interface LeaseOptions {
  config: KubeConfig
  namespace: string
  name: string
  /** This process, different from every other (a pod's name). */
  identity: string
  clock: Clock
  log: Logger
}

/**
 * Leadership by a Lease of coordination.k8s.io/v1, as client-go's leader election does it: a holder is judged by when its
 * record was last *seen to change* here, so that clocks of different nodes need not agree.
 */
export class LeaseElection {
  readonly #api: CoordinationV1Api
  readonly #options: LeaseOptions
  #seen: { version: string; at: Instant } | undefined

  constructor(options: LeaseOptions) {
    this.#options = options
    this.#api = options.config.makeApiClient(CoordinationV1Api)
  }

  /** Leadership when the lease was free, or its holder has been silent for too long; undefined otherwise. */
  async tryLead(): Promise<LeaseLeadership | undefined> {
    const held = await this.#take()
    return held === undefined ? undefined : new LeaseLeadership(held, this.#api, this.#options)
  }

  async #take(): Promise<V1Lease | undefined> {
    const { name, namespace, identity, clock } = this.#options
    const now = clock.now()
    const present = await withDeadline(this.#read(), CALL_TIMEOUT_MS)
    if (present === undefined) {
      return conflictFree(this.#api.createNamespacedLease({ namespace, body: { metadata: { name, namespace }, spec: leaseSpec(identity, now, now, 0) } }))
    }
    const version = present.metadata?.resourceVersion ?? ''
    if (this.#seen?.version !== version) this.#seen = { version, at: now }
    const holder = present.spec?.holderIdentity ?? ''
    if (holder !== '' && holder !== identity && now - this.#seen.at < LEASE_MS) return undefined
    const transitions = (present.spec?.leaseTransitions ?? 0) + 1
    return conflictFree(this.#api.replaceNamespacedLease({ name, namespace, body: { ...present, spec: leaseSpec(identity, now, now, transitions) } }))
  }

  async #read(): Promise<V1Lease | undefined> {
    const { name, namespace } = this.#options
    try {
      return await this.#api.readNamespacedLease({ name, namespace })
    } catch (error) {
      if (statusCode(error) === 404) return undefined
      throw error
    }
  }
}

/** Renews until disposed; `lost` aborts when it could not, or when somebody else holds the lease. */
export class LeaseLeadership implements AsyncDisposable {
  readonly #lost = new AbortController()
  readonly #api: CoordinationV1Api
  readonly #options: LeaseOptions
  readonly #timer: NodeJS.Timeout
  #lease: V1Lease
  /** Kept here: the client hands times of leases back as text, whatever its types say. */
  readonly #acquired: Instant
  #renewed: Instant
  #renewing: Promise<void> = Promise.resolve()

  constructor(lease: V1Lease, api: CoordinationV1Api, options: LeaseOptions) {
    this.#lease = lease
    this.#api = api
    this.#options = options
    this.#acquired = options.clock.now()
    this.#renewed = this.#acquired
    this.#timer = setInterval(() => {
      this.#renewing = this.#renew()
    }, RENEW_MS)
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async #renew(): Promise<void> {
    const { name, namespace, identity, clock, log } = this.#options
    const now = clock.now()
    try {
      const body = { ...this.#lease, spec: leaseSpec(identity, this.#acquired, now, this.#lease.spec?.leaseTransitions ?? 0) }
      this.#lease = await withDeadline(this.#api.replaceNamespacedLease({ name, namespace, body }), CALL_TIMEOUT_MS)
      this.#renewed = now
    } catch (error) {
      log.warn({ err: error, lease: name }, 'the lease could not be renewed')
      if (statusCode(error) === 409 || clock.now() - this.#renewed > STEP_DOWN_MS) this.#stepDown(new Error('the lease is lost', { cause: error }))
    }
  }

  #stepDown(reason: Error): void {
    clearInterval(this.#timer)
    this.#lost.abort(reason)
  }

  /** Stops renewing without giving the lease back, as a crash would. */
  abandon(): void {
    this.#stepDown(new Error('leadership was abandoned'))
  }

  /** Gives the lease back, so that the next leader need not wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewing
    if (this.#lost.signal.aborted) return
    this.#lost.abort(new Error('leadership was given back'))
    const { name, namespace, clock } = this.#options
    const body = { ...this.#lease, spec: leaseSpec('', clock.now(), clock.now(), this.#lease.spec?.leaseTransitions ?? 0) }
    await withDeadline(this.#api.replaceNamespacedLease({ name, namespace, body }), CALL_TIMEOUT_MS).catch((error: unknown) => {
      this.#options.log.warn({ err: error, lease: name }, 'the lease could not be given back: the next leader waits until it lapses')
    })
  }
}

function leaseSpec(holderIdentity: string, acquired: Instant, renewed: Instant, leaseTransitions: number): NonNullable<V1Lease['spec']> {
  const time = (at: Instant): V1MicroTime => new V1MicroTime(at)
  return { holderIdentity, leaseDurationSeconds: LEASE_MS / 1000, acquireTime: time(acquired), renewTime: time(renewed), leaseTransitions }
}

/** Somebody was faster: no lease, no error. */
async function conflictFree(call: Promise<V1Lease>): Promise<V1Lease | undefined> {
  try {
    return await withDeadline(call, CALL_TIMEOUT_MS)
  } catch (error) {
    if (statusCode(error) === 409) return undefined
    throw error
  }
}
