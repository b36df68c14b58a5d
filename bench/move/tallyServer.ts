import { z } from 'zod'
import { runGameServer } from '../../gameserver/run.ts'
import { type Appearance, type Body, ZoneRoom } from '../../gameserver/zone/zoneRoom.ts'
import type { SeatHolder } from '../../model/seat.ts'

const tallyInput = z.strictObject({ n: z.int().min(0) })

interface Tally {
  /** Inputs applied on all servers since the character was created. */
  applied: number
  last: number
  repeated: number
  skipped: number
}

/** Half the side length of the map, in metres. With 500 players, each sees about twenty others. */
const HALF_SIDE_M = 260

/** A game that only counts its numbered inputs. */
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
    return {
      kind: 0,
      x: (((entity * 0.754_877_666) % 1) * 2 - 1) * HALF_SIDE_M,
      y: (((entity * 0.569_840_291) % 1) * 2 - 1) * HALF_SIDE_M,
      heading: 0,
      flags: 0,
    }
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
  /** Every body turns at each step, so that snapshots always contain all visible bodies. */
  step(): void {
    for (const body of this.bodies()) body.heading = (body.heading + 0.1) % (2 * Math.PI)
  }
}

await runGameServer({ default: TallyRoom })
