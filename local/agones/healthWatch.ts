import type { Instant } from '../../model/clock.ts'
import type { FleetManifest } from '../../orchestrator/cluster/fleetManifest.ts'

/** Agones' health rule: a server is Unhealthy after `failureThreshold` periods without a ping. The first period starts after the initial delay. */
export class HealthWatch {
  readonly #health: FleetManifest['health']
  #last: Instant

  constructor(health: FleetManifest['health'], started: Instant) {
    this.#health = health
    this.#last = started + health.initialDelaySeconds * 1000
  }

  ping(now: Instant): void {
    this.#last = Math.max(this.#last, now)
  }

  healthy(now: Instant): boolean {
    if (this.#health.disabled) return true
    return now - this.#last < this.#health.periodSeconds * 1000 * this.#health.failureThreshold
  }
}
