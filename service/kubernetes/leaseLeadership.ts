import { setTimeout as sleep } from 'node:timers/promises'
import { CoordinationV1Api, type KubeConfig, type V1Lease, V1MicroTime } from '@kubernetes/client-node'
import type { Clock, Instant } from '../../model/clock.ts'
import type { Logger } from '../log.ts'
import { statusCode, withDeadline } from './call.ts'

/** Another process may take the lease when it was not renewed for this long, in ms. A crashed leader is so replaced within 15 s (rule D3). */
const LEASE_MS = 10_000
/** Interval between renewals, in ms. */
const RENEW_MS = 2_500
/** A leader that could not renew for this long steps down, in ms. It is less than LEASE_MS, so that two processes never lead at the same time. */
const STEP_DOWN_MS = 7_500
/** Delay before the next attempt after a failed renewal, in ms. */
const RETRY_MS = 500
/** Timeout of one API call, in ms. */
const CALL_TIMEOUT_MS = 3_000

export interface LeaseOptions {
  config: KubeConfig
  namespace: string
  name: string
  /** Unique name of this process (the pod's name). */
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

  /** Returns the leadership when the lease is free or its holder did not renew it in time; otherwise undefined. */
  async tryLead(): Promise<LeaseLeadership | undefined> {
    const { name, namespace, identity, clock } = this.#options
    const present = await withDeadline(this.#read(), CALL_TIMEOUT_MS)
    // Measured before the API call. Others measure from when they see the change, which is later, so the lease never ends earlier for them.
    const now = clock.now()
    if (present === undefined) {
      const body = { metadata: { name, namespace }, spec: leaseSpec(identity, now, now, 0) }
      return this.#lead(await undefinedOnConflict(this.#api.createNamespacedLease({ namespace, body })), now)
    }
    const version = present.metadata?.resourceVersion ?? ''
    if (this.#seen?.version !== version) this.#seen = { version, at: now }
    const holder = present.spec?.holderIdentity ?? ''
    if (holder !== '' && holder !== identity && now - this.#seen.at < LEASE_MS) return undefined
    const transitions = (present.spec?.leaseTransitions ?? 0) + 1
    const body = { ...present, spec: leaseSpec(identity, now, now, transitions) }
    return this.#lead(await undefinedOnConflict(this.#api.replaceNamespacedLease({ name, namespace, body })), now)
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

/** Renews the lease until disposed. `lost` aborts when renewing fails for too long or another process holds the lease. */
export class LeaseLeadership implements AsyncDisposable {
  readonly #lost = new AbortController()
  readonly #api: CoordinationV1Api
  readonly #options: LeaseOptions
  readonly #renewing: Promise<void>
  readonly #stopping = new AbortController()
  #lease: V1Lease
  /** Kept here because the client returns the times of a lease as text, although its types say Date. */
  readonly #acquired: Instant
  #stepDownTimer: NodeJS.Timeout | undefined

  constructor(lease: V1Lease, acquired: Instant, api: CoordinationV1Api, options: LeaseOptions) {
    this.#lease = lease
    this.#api = api
    this.#options = options
    this.#acquired = acquired
    this.#restartStepDownTimer(acquired)
    this.#renewing = this.#renew()
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  /** Restarts the timer that ends this leadership. The timer fires even while an API call hangs, before another process may take the lease. */
  #restartStepDownTimer(at: Instant): void {
    clearTimeout(this.#stepDownTimer)
    this.#stepDownTimer = setTimeout(() => this.#stepDown(new Error('the lease could not be renewed in time')), at + STEP_DOWN_MS - this.#options.clock.now())
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
        if (!signal.aborted) this.#restartStepDownTimer(now)
        pause = RENEW_MS
      } catch (error) {
        pause = RETRY_MS
        log.warn({ err: error, lease: name }, 'the lease could not be renewed')
        if (statusCode(error) === 409)
          await this.#resolveConflict().catch((failed: unknown) => log.warn({ err: failed, lease: name }, 'the lease could not be read'))
      }
    }
  }

  /** After a conflict: the lease was changed by an earlier write of this process whose answer timed out, or by another process that holds it now. */
  async #resolveConflict(): Promise<void> {
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
    clearTimeout(this.#stepDownTimer)
    this.#stopping.abort()
    this.#lost.abort(reason)
  }

  /** Stops renewing without giving the lease back, as after a crash. For tests. */
  abandon(): void {
    this.#stepDown(new Error('leadership was abandoned'))
  }

  /** Gives the lease back, so that the next leader does not have to wait until it expires. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#stepDownTimer)
    this.#stopping.abort()
    await this.#renewing
    if (this.#lost.signal.aborted) return
    this.#lost.abort(new Error('leadership was given back'))
    const { clock, log, name } = this.#options
    await this.#write('', clock.now()).catch((error: unknown) => {
      log.warn({ err: error, lease: name }, 'the lease could not be given back; the next leader waits until it expires')
    })
  }
}

function leaseSpec(holderIdentity: string, acquired: Instant, renewed: Instant, leaseTransitions: number): NonNullable<V1Lease['spec']> {
  const time = (at: Instant): V1MicroTime => new V1MicroTime(at)
  return { holderIdentity, leaseDurationSeconds: LEASE_MS / 1000, acquireTime: time(acquired), renewTime: time(renewed), leaseTransitions }
}

/** Returns undefined when another process changed the lease first (HTTP 409). */
async function undefinedOnConflict(call: Promise<V1Lease>): Promise<V1Lease | undefined> {
  try {
    return await withDeadline(call, CALL_TIMEOUT_MS)
  } catch (error) {
    if (statusCode(error) === 409) return undefined
    throw error
  }
}
