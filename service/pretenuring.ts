import { setFlagsFromString } from 'node:v8'

/**
 * Old is only what has outlived collections. V8 else guesses by the line that made an array, in the first moments of a process: made while a
 * storm begins, most of them still wait for Redis when it looks, and rankings that are gone after milliseconds are put among the old
 * from then on, with all that they point to. Every collection takes longer for it, and the slowest placements wait for those.
 */
export function disablePretenuring(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
