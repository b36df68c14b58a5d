import { Encoder, type MapSchema, StateView, schema, t } from '@colyseus/schema'
import { InterestGrid } from '../../gameserver/zone/sight/interestGrid.ts'
import type { Encoded } from './encoded.ts'
import { RADIUS_M, type Walkers } from './walkers.ts'

const Walker = schema({ x: t.int16(), y: t.int16(), heading: t.uint8(), flags: t.uint8() }, 'Walker')
const Plain = schema({ walkers: t.map(Walker) }, 'Plain')
const Viewed = schema({ walkers: t.map(Walker).view() }, 'Viewed')
/** What is in sight is looked up at 4 Hz, which favours the peer: Strata looks at each step. */
const LOOK_EVERY = 5

type WalkerState = InstanceType<typeof Walker>

/** The same walkers as Colyseus state: for each client what its StateView shows, or all of it for everybody. */
export function schemaWorld({ all }: Walkers, { views }: { views: boolean }): Encoded {
  // The room allocates as much as it needs once, instead of growing in the measurement.
  Encoder.BUFFER_SIZE = 512 * 1024
  const state = views ? new Viewed() : new Plain()
  const walkers = state.walkers as unknown as MapSchema<WalkerState> // both classes have a map of walkers
  const grid = new InterestGrid(RADIUS_M / 2)
  const states = all.map((walker) => {
    const made = new Walker()
    walkers.set(String(walker.id), made)
    grid.add(walker)
    return made
  })
  const encoder = new Encoder(state)
  const clients = views ? all.map(() => ({ view: new StateView(), seen: new Set<number>() })) : []
  const look = (n: number): void => {
    const [walker, client] = [all[n], clients[n]]
    if (walker === undefined || client === undefined) return
    const near = new Set(grid.near(walker, RADIUS_M).map(({ id }) => id - 1))
    for (const other of near) if (!client.seen.has(other)) client.view.add(states[other] as WalkerState)
    for (const other of client.seen) if (!near.has(other)) client.view.remove(states[other] as WalkerState)
    client.seen = near
  }
  return {
    encode(tick) {
      grid.sync(tick)
      for (const [n, { x, y, heading, flags }] of all.entries())
        Object.assign(states[n] as WalkerState, { x: Math.round(x * 32), y: Math.round(y * 32), heading: Math.round(heading * 40) & 255, flags })
      for (let n = tick % LOOK_EVERY; n < clients.length; n += LOOK_EVERY) look(n)
      const at = { offset: 0 }
      const shared = encoder.encode(at)
      let [bytes, visible] = [0, 0]
      if (!views) {
        bytes = shared.byteLength * all.length
        visible = all.length * all.length
      }
      const end = at.offset
      for (const { view, seen } of clients) {
        bytes += encoder.encodeView(view, end, at).byteLength
        visible += seen.size
        at.offset = end
      }
      encoder.discardChanges()
      return { pictures: all.length, bytes, visible }
    },
  }
}
