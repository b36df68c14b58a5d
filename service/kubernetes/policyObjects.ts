import type { KubeConfig } from '@kubernetes/client-node'
import type { MapName } from '../../model/ids.ts'
import type { MapPolicy, Policies } from '../../model/policy/policy.ts'
import type { Random } from '../../model/random.ts'
import type { Logger } from '../log.ts'
import { POLICY_GROUP, POLICY_PLURAL, POLICY_VERSION, type PolicyObject, type Validation, validateSpec } from './policyObject.ts'
import { ResilientInformer } from './resilientInformer.ts'

export interface PolicyObjectsOptions {
  config: KubeConfig
  namespace: string
  log: Logger
  random: Random
}

/** One object with the policy that is in force for its map, and the problem of its current spec if it was refused. */
export interface ValidatedPolicy {
  object: PolicyObject
  policy?: MapPolicy
  /** The spec of `policy`. */
  spec?: unknown
  problem?: string
}

interface Known {
  generation: number
  validated: ValidatedPolicy
}

/**
 * The policies of a namespace, read from its MapPolicy objects. An invalid spec changes nothing: the last good policy of its map stays in force (rule
 * D4), also in a process that starts later. While the API server is unreachable, all policies stay as they were.
 */
export class PolicyObjects implements AsyncDisposable {
  readonly #informer: ResilientInformer<PolicyObject>
  readonly #log: Logger
  #known = new Map<string, Known>()
  #policies: Policies = new Map()
  #deleted: Policies = new Map()
  #dirty = true

  private constructor(informer: ResilientInformer<PolicyObject>, log: Logger) {
    this.#informer = informer
    this.#log = log
    informer.onChange(() => {
      this.#dirty = true
    })
  }

  static async connect(options: PolicyObjectsOptions): Promise<PolicyObjects> {
    const informer = new ResilientInformer<PolicyObject>({ ...options, group: POLICY_GROUP, version: POLICY_VERSION, plural: POLICY_PLURAL })
    const policies = new PolicyObjects(informer, options.log)
    await informer.start()
    return policies
  }

  /** The policies in force, without those of deleted objects. */
  policies(): Policies {
    this.#refresh()
    return this.#policies
  }

  /** Policies of objects that were deleted and still exist, because a finalizer holds them while people play. */
  deleted(): Policies {
    this.#refresh()
    return this.#deleted
  }

  /** Problems of refused specs, by map. */
  problems(): ReadonlyMap<MapName, string> {
    return new Map(this.validated().flatMap(({ object, problem }) => (problem === undefined ? [] : [[nameOf(object), problem]])))
  }

  validated(): ValidatedPolicy[] {
    this.#refresh()
    return [...this.#known.values()].map(({ validated }) => validated)
  }

  #refresh(): void {
    if (!this.#dirty) return
    let objects: readonly PolicyObject[]
    try {
      objects = this.#informer.list()
    } catch {
      return // the informer logs the outage; the known policies stay in force
    }
    this.#dirty = false
    const known = new Map<string, Known>()
    for (const object of objects) {
      const uid = object.metadata?.uid ?? ''
      known.set(uid, this.#validate(object, this.#known.get(uid)))
    }
    this.#known = known
    const [policies, deleted] = [new Map<MapName, MapPolicy>(), new Map<MapName, MapPolicy>()]
    for (const { validated } of known.values())
      if (validated.policy !== undefined) (isDeleted(validated.object) ? deleted : policies).set(nameOf(validated.object), validated.policy)
    this.#policies = policies
    this.#deleted = deleted
  }

  #validate(object: PolicyObject, before: Known | undefined): Known {
    const generation = object.metadata?.generation ?? 0
    // The spec is unchanged, so the result of its validation still holds. Only the status may differ.
    if (before?.generation === generation) return { generation, validated: { ...before.validated, object } }
    const map = nameOf(object)
    const found = validateSpec(map, object.spec)
    if ('policy' in found) {
      this.#log.info({ map, version: found.policy.version, generation }, 'policy accepted')
      return { generation, validated: { object, ...found } }
    }
    const last = before === undefined ? lastAccepted(object) : before.validated
    this.#log.error({ map, generation, problem: found.problem, inForce: last.policy?.version ?? 'none' }, 'policy refused; the last good one stays in force')
    return { generation, validated: { object, ...found, ...(last.policy === undefined ? {} : { policy: last.policy, spec: last.spec }) } }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#informer[Symbol.asyncDispose]()
  }
}

export function nameOf(object: PolicyObject): MapName {
  return object.metadata?.name ?? ''
}

/** A deleted object exists until its last finalizer is removed. */
export function isDeleted(object: PolicyObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined
}

function lastAccepted(object: PolicyObject): { policy?: MapPolicy; spec?: unknown } {
  const spec = object.status?.lastAccepted
  if (spec === undefined) return {}
  const found: Validation = validateSpec(nameOf(object), spec)
  return 'policy' in found ? found : {}
}
