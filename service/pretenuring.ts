import { setFlagsFromString } from 'node:v8'

/**
 * Disables V8's allocation-site pretenuring. V8 decides early in a process which allocation sites create long-lived objects. Under a burst of requests
 * the rankings of placements survive their first collection because they wait for Redis, so V8 allocates all later rankings in the old generation.
 * Major collections then take longer, and the slowest placements wait for them.
 */
export function disablePretenuring(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
