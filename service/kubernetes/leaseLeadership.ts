import { setTimeout as sleep } from 'node:timers/promises'
import { CoordinationV1Api, type KubeConfig, type V1Lease, V1MicroTime } from '@kubernetes/client-node'
import type { Clock, Instant } from '../../model/clock.ts'
import type { Logger } from '../log.ts'
import { statusCode, withDeadline } from './call.ts'

/** A lease not renewed for so long may be taken by another: with the renewal below, a crashed leader is replaced within 15 s (rule D3). */
const LEASE_MS = 10_000
const RENEW_MS = 2_500
/** Whoever could not renew for so long steps down by itself, before anybody else may take the lease. */
const STEP_DOWN_MS = 7_500
/** After a renewal that failed. */
const RETRY_MS = 500
const CALL_TIMEOUT_MS = 3_000

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
 * Leadership by a Lease of coordination.k8s.io/v1, as client-go's leader election does it: a holder is validated by when its
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
    const { name, namespace, identity, clock } = this.#options
    const present = await withDeadline(this.#read(), CALL_TIMEOUT_MS)
    // Before the call that takes it: what counts for others is when they see it change, which is not earlier.
    const now = clock.now()
    if (present === undefined) {
      const body = { metadata: { name, namespace }, spec: leaseSpec(identity, now, now, 0) }
      return this.#lead(await conflictFree(this.#api.createNamespacedLease({ namespace, body })), now)
    }
    const version = present.metadata?.resourceVersion ?? ''
    if (this.#seen?.version !== version) this.#seen = { version, at: now }
    const holder = present.spec?.holderIdentity ?? ''
    if (holder !== '' && holder !== identity && now - this.#seen.at < LEASE_MS) return undefined
    const transitions = (present.spec?.leaseTransitions ?? 0) + 1
    const body = { ...present, spec: leaseSpec(identity, now, now, transitions) }
    return this.#lead(await conflictFree(this.#api.replaceNamespacedLease({ name, namespace, body })), now)
  }

  #lead(lease: V1Lease | undefined, acquired: Instant): LeaseLeadership | undefined {
    return lease === undefined ? undefined : new LeaseLeadership(lease, acquired, this.#api, this.#options)
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
  readonly #renewing: Promise<void>
  readonly #stopping = new AbortController()
  #lease: V1Lease
  /** Kept here: the client hands times of leases back as text, whatever its types say. */
  readonly #acquired: Instant
  #tooLate: NodeJS.Timeout | undefined

  constructor(lease: V1Lease, acquired: Instant, api: CoordinationV1Api, options: LeaseOptions) {
    this.#lease = lease
    this.#api = api
    this.#options = options
    this.#acquired = acquired
    this.#renewed(acquired)
    this.#renewing = this.#renew()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Whatever a call is waiting for then: this leader is none any more before another can be one. */
  #renewed(at: Instant): void {
    clearTimeout(this.#tooLate)
    this.#tooLate = setTimeout(() => this.#stepDown(new Error('the lease could not be renewed in time')), at + STEP_DOWN_MS - this.#options.clock.now())
  }

  async #renew(): Promise<void> {
    const { log, clock, name } = this.#options
    const { signal } = this.#stopping
    for (let pause = RENEW_MS; !signal.aborted; ) {
      await sleep(pause, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      const now = clock.now()
      try {
        this.#lease = await this.#write(this.#options.identity, now)
        if (!signal.aborted) this.#renewed(now)
        pause = RENEW_MS
      } catch (error) {
        pause = RETRY_MS
        log.warn({ err: error, lease: name }, 'the lease could not be renewed')
        if (statusCode(error) === 409) await this.#lookAgain().catch((failed: unknown) => log.warn({ err: failed, lease: name }, 'the lease could not be read'))
      }
    }
  }

  /** Changed meanwhile: by a write of our own whose answer came too late, or by somebody who holds it now. */
  async #lookAgain(): Promise<void> {
    const { name, namespace, identity } = this.#options
    const present = await withDeadline(this.#api.readNamespacedLease({ name, namespace }), CALL_TIMEOUT_MS)
    if (present.spec?.holderIdentity === identity) this.#lease = present
    else this.#stepDown(new Error(`the lease is held by ${present.spec?.holderIdentity ?? 'nobody'}`))
  }

  #write(holder: string, now: Instant): Promise<V1Lease> {
    const { name, namespace } = this.#options
    const body = { ...this.#lease, spec: leaseSpec(holder, this.#acquired, now, this.#lease.spec?.leaseTransitions ?? 0) }
    return withDeadline(this.#api.replaceNamespacedLease({ name, namespace, body }), CALL_TIMEOUT_MS)
  }

  #stepDown(reason: Error): void {
    clearTimeout(this.#tooLate)
    this.#stopping.abort()
    this.#lost.abort(reason)
  }

  /** Stops renewing without giving the lease back, as a crash would. */
  abandon(): void {
    this.#stepDown(new Error('leadership was abandoned'))
  }

  /** Gives the lease back, so that the next leader need not wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#tooLate)
    this.#stopping.abort()
    await this.#renewing
    if (this.#lost.signal.aborted) return
    this.#lost.abort(new Error('leadership was given back'))
    const { clock, log, name } = this.#options
    await this.#write('', clock.now()).catch((error: unknown) => {
      log.warn({ err: error, lease: name }, 'the lease could not be given back: the next leader waits until it lapses')
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
