import type { SimZone } from '../processes/simZone.ts'
import type { SimWorld } from '../world.ts'

/** The rooms of all running servers. Paused servers count, because they do not know that they are paused. */
export function* zonesOf({ servers }: SimWorld): Generator<SimZone> {
  for (const server of servers.values()) {
    if (server.process.dead) continue
    for (const [copy, zone] of server.zones) if (server.services.rooms.has(copy)) yield zone
  }
}

/** Installs the checks that run after each step of a game server or the database. */
export function watchLive(world: SimWorld): void {
  const { kernel, servers } = world
  kernel.afterEachStep(({ name }) => {
    if (name === 'store') items(world)
    else if (servers.has(name)) live(world)
  })
}

/** S1: the one room that may write a character, according to the database, is the room where it is live at that epoch. */
function live(world: SimWorld): void {
  const { kernel, store, economy } = world
  const seen = new Map<string, string>()
  for (const zone of zonesOf(world)) {
    const rightful = new Map<string, number>()
    for (const { character, copy, epoch } of zone.presences()) {
      const row = store.claims.rows.get(character)
      if (row === undefined || epoch < row.epoch) continue
      if (epoch > row.epoch) kernel.ruleBroken('S1', `${character} is live in ${copy} at epoch ${epoch}, which the database never issued`)
      if (row.moving !== undefined) kernel.ruleBroken('S1', `${character} is live in ${copy} at epoch ${epoch}, and released for move ${row.moving}`)
      else if (row.live?.copy !== copy)
        kernel.ruleBroken('S1', `${character} is live in ${copy} at epoch ${epoch}, and the database says ${row.live?.copy ?? 'nowhere'}`)
      const other = seen.get(character)
      if (other !== undefined) kernel.ruleBroken('S1', `${character} is live in ${copy} and in ${other}, both at epoch ${epoch}`)
      seen.set(character, copy)
      rightful.set(character, epoch)
    }
    // M1: a character owns every item in its bag.
    for (const body of zone.bodies()) {
      const { character } = body.holder
      const epoch = rightful.get(character)
      if (epoch === undefined) continue
      world.lastBodies.set(character, { epoch, state: body.state, process: zone.services.server })
      for (const item of zone.bag(body)) {
        if (economy.owners.get(item)?.has(character) !== true)
          kernel.ruleBroken('M1', `${character} has ${item} in its bag, but it belongs to ${[...(economy.owners.get(item) ?? [])].join(', ')}`)
      }
    }
  }
}

/** M1: every item has exactly one owner. */
function items({ kernel, economy }: SimWorld): void {
  for (const [item, owners] of economy.owners) if (owners.size !== 1) kernel.ruleBroken('M1', `${item} has ${owners.size} owners: ${[...owners].join(', ')}`)
}
