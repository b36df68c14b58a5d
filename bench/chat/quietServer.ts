import { z } from 'zod'
import { runGameServer } from '../../gameserver/run.ts'
import { type Appearance, ZoneRoom } from '../../gameserver/zone/zoneRoom.ts'
import type { SeatHolder } from '../../model/seat.ts'

/** Half the side length of the map, in metres. */
const HALF_SIDE_M = 100

const noInput = z.strictObject({})

/** A game in which people stand and talk. Chat has its default limits. */
class QuietRoom extends ZoneRoom<Record<string, never>, z.infer<typeof noInput>> {
  readonly stateVersion = 1
  readonly inputSchema = noInput

  fresh(): Record<string, never> {
    return {}
  }
  spawn(_state: Record<string, never>, { entity }: SeatHolder): Appearance {
    const place = (spread: number): number => (((entity * spread) % 1) * 2 - 1) * HALF_SIDE_M
    return { kind: 0, x: place(0.754_877_666), y: place(0.569_840_291), heading: 0, flags: 0 }
  }
  applyInput(): void {}
  step(): void {}
}

await runGameServer({ default: QuietRoom })
