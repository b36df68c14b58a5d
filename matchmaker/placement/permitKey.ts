import type { Clock } from '../../model/clock.ts'
import type { Store } from '../../store/store.ts'

/** How long a key signs after it was read, in ms. After a rotation the previous key must be accepted for longer than this (docs/how-to/rotate-keys.md). */
const READ_AGAIN_AFTER_MS = 60_000

/**
 * Reads the key of permits at the first placement, then once a minute. Nobody waits for a later read: the previous key signs until it is answered, and when it
 * fails until the next one.
 */
export function permitKeyReader(store: Pick<Store, 'permitKey'>, clock: Clock): () => Promise<Uint8Array> {
  let known: Promise<Uint8Array> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const now = clock.now()
    if (known !== undefined && now - readAt < READ_AGAIN_AFTER_MS) return known
    readAt = now
    const before = known
    const next = store.permitKey()
    next.then(
      () => {
        known = next
      },
      () => {
        if (known === next) known = undefined
      },
    )
    known = before ?? next
    return known
  }
}
