import type { Redis } from 'ioredis'

/** As much as Redis reads from a connection before it looks at others. */
const LOT = 16_384

/**
 * The commands of one turn of the event loop leave in few writes. In a storm a system call for each cost more than all the rest of a
 * seat's way through this process (50 → 37 µs a placement; Redis, too, reads them in one go). Not all in one: Redis begins with the
 * first while the last are still being worked out (64 placements at once took 5 % less time for it, and 12 % less on a busy machine).
 */
export function gatherWrites(redis: Redis): void {
  const stream = redis.stream as Redis['stream'] | undefined // there is none before the first connection
  if (stream === undefined) return
  if (stream.writableCorked === 0) {
    stream.cork()
    process.nextTick(() => stream.uncork())
  } else if (stream.writableLength >= LOT) {
    stream.uncork()
    stream.cork()
  }
}
