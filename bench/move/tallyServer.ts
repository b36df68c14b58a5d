import { z } from 'zod'
import { runGameServer } from '../../gameserver/run.ts'
import { type Appearance, type Body, ZoneRoom } from '../../gameserver/zone/zoneRoom.ts'
import type { SeatHolder } from '../../model/seat.ts'

const tallyInput = z.strictObject({ n: z.int().min(0) })

interface Tally {
  /** Inputs applied, on whatever server, since the character was made. */
  applied: number
  last: number
  repeated: number
  skipped: number
}

/** Half the side of the place, in metres: so wide that some twenty of five hundred are in sight. */
const HALF = 260

/** A game that does nothing but count its inputs, each of which has a number. */
class TallyRoom extends ZoneRoom<Tally, z.infer<typeof tallyInput>> {
  readonly stateVersion = 1
  readonly inputSchema = tallyInput

  override setUp(): void {
    this.handle('tally', z.strictObject({}), (body) => this.tell(body, 'tally', body.state))
  }
  fresh(): Tally {
    return { applied: 0, last: 0, repeated: 0, skipped: 0 }
  }
  spawn(_state: Tally, { entity }: SeatHolder): Appearance {
    return { kind: 0, x: (((entity * 0.754_877_666) % 1) * 2 - 1) * HALF, y: (((entity * 0.569_840_291) % 1) * 2 - 1) * HALF, heading: 0, flags: 0 }
  }
  override save({ state }: Body<Tally>): Tally {
    return { ...state }
  }
  applyInput({ state }: Body<Tally>, { n }: z.infer<typeof tallyInput>): void {
    state.applied++
    if (n <= state.last) state.repeated++
    else state.skipped += n - state.last - 1
    state.last = Math.max(state.last, n)
  }
  /** Everybody fidgets: each step is news to all who see them. */
  step(): void {
    for (const body of this.bodies()) body.heading = (body.heading + 0.1) % (2 * Math.PI)
  }
}

await runGameServer({ default: TallyRoom })
