/** What one client gets, set by the room. */
export interface Bandwidth {
  /** Average bytes a second in snapshots for one client. Updates that must not wait may take as much again (`priority.ts`). */
  bytesPerSecond: number
}

/** How much work a room saves on snapshots while it is short of CPU. The overload policy sets it; the steps and each snapshot read it. */
export interface SightQuality {
  /** Entities that are not near are updated this many times less often; 1: as usual. */
  thin: number
  /** Snapshots are sent this many times less often; 1: as usual. */
  every: number
}

export function fullQuality(): SightQuality {
  return { thin: 1, every: 1 }
}
