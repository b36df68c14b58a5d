import { FrameViews } from '../../gameserver/zone/connection/frameViews.ts'
import { dialectOf } from '../../gameserver/zone/sight/dialects.ts'
import { InterestGrid } from '../../gameserver/zone/sight/interestGrid.ts'
import { Sight } from '../../gameserver/zone/sight/sight.ts'
import { ByteWriter } from '../../model/wire/entities/bytes.ts'
import type { Encoded } from './encoded.ts'
import { RADIUS_M, type Walkers } from './walkers.ts'

/** Strata's snapshots for each client at each step, as a room that sends at each step makes them: as many pictures a second as the peer encodes. */
export function packedWorld({ all }: Walkers): Encoded {
  const grid = new InterestGrid(RADIUS_M / 2)
  for (const walker of all) grid.add(walker)
  const sights = all.map(() => new Sight({ radius: RADIUS_M, margin: 8 }))
  const out = new ByteWriter()
  const views = new FrameViews()
  const dialect = dialectOf(2)
  return {
    encode(tick) {
      grid.sync(tick)
      let [pictures, bytes, visible] = [0, 0, 0]
      for (const [n, sight] of sights.entries()) {
        const walker = all[n]
        if (walker === undefined) continue
        out.reset()
        const entities = sight.write(
          out,
          grid,
          { at: walker, id: walker.id, party: 0 },
          { tick, stepMs: 50, lastInput: tick, held: false, bytesPerSecond: 15_000, thin: 1, dialect },
        )
        if (entities === undefined) continue
        sight.spent(out.length)
        pictures++
        // As a room hands a part of the buffer to the socket (`PlayerSocket.sendWritten`).
        bytes += views.view(out, 0).byteLength
        visible += entities
      }
      return { pictures, bytes, visible }
    },
  }
}
