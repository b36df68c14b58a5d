import type { DurationMs } from '../../model/clock.ts'
import type { CopyId, MapName } from '../../model/ids.ts'
import type { Entities } from '../../model/wire/entities/defineEntities.ts'
import type { Logger } from '../../service/log.ts'
import type { ZoneHooks } from './hooks.ts'
import type { ZoneServices } from './services.ts'
import type { InterestGrid } from './sight/interestGrid.ts'
import type { Bandwidth, SightQuality } from './sight/quality.ts'
import type { SightRange } from './sight/sight.ts'

/** Dependencies that the parts of one room share. */
export interface ZoneCore<State, Input> {
  readonly services: ZoneServices
  readonly hooks: ZoneHooks<State, Input>
  readonly copy: CopyId
  readonly map: MapName
  readonly log: Logger
  /** What the game declares of its entities. */
  readonly entities: Entities
  readonly grid: InterestGrid
  readonly range: SightRange
  readonly bandwidth: Bandwidth
  /** How much work the room saves on snapshots while it is short of CPU. */
  readonly quality: SightQuality
  readonly tickRate: number
  /** Longest time in ms that a change of a character's state stays unsaved (`ZoneRoom.saveEveryMs`). */
  readonly saveEveryMs: DurationMs
  /** Longest time in ms that a body stays after its player left, while the hook `canLeave` keeps it. */
  readonly leaveWithinMs: DurationMs
  /** Number of the current simulation step. */
  tick(): number
  /** Runs game code. An exception is logged and counted, and the room goes on. */
  guard(hook: string, run: () => void): void
  /** Runs game code that may throw. If it never returns, the watchdog names it. */
  watched<T>(hook: string, code: () => T): T
}
