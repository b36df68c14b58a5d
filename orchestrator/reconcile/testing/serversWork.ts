import type { Directory } from '../../../directory/directory.ts'
import type { Instant } from '../../../model/clock.ts'
import { openedCopy } from '../../../model/copy.ts'
import type { GameServer } from '../../cluster/fleets.ts'

/** Simulates game servers: each reports, and opens its opening copies. */
export async function serversWork(directory: Directory, servers: Iterable<GameServer>, now: Instant): Promise<void> {
  const addresses = new Map<string, string>()
  for (const { id, fleet, address = '', rooms = 1 } of servers) {
    addresses.set(id, address)
    await directory.reportServer({ id, fleet, address, rooms, protocol: { min: 1, max: 1 }, draining: false, beat: now })
  }
  for (const map of await directory.maps()) {
    for (const copy of (await directory.snapshot(map)).copies) {
      const address = addresses.get(copy.server)
      if (copy.state === 'opening' && address !== undefined) await directory.changeCopy(openedCopy(copy, address, now), 'opening')
    }
  }
}

/** Removes the closing copies in which nobody has a seat, as game servers do when the last player has left. */
export async function serversClose(directory: Directory): Promise<void> {
  for (const map of await directory.maps()) {
    const { copies, seats } = await directory.snapshot(map)
    const occupied = new Set(seats.map(({ copy }) => copy))
    for (const { id, state } of copies) if (state === 'closing' && !occupied.has(id)) await directory.removeCopy(map, id)
  }
}
