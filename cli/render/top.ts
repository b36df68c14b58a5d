import type { StatusResponse } from '../../model/wire/admin.ts'
import { serversIn } from '../resources/world.ts'
import { table } from './table.ts'

/** Copies by the share of their hard cap that is held or taken. */
export function renderTopCopies({ copies }: StatusResponse, rows: number): string[] {
  const loaded = copies.map((copy) => ({ ...copy, seats: copy.players + copy.held, load: copy.hard === 0 ? 0 : (copy.players + copy.held) / copy.hard }))
  loaded.sort((a, b) => b.load - a.load || (a.copy < b.copy ? -1 : 1))
  return table(
    [
      { head: 'NAME' },
      { head: 'MAP' },
      { head: 'SEATS', align: 'right' },
      { head: 'SOFT', align: 'right' },
      { head: 'HARD', align: 'right' },
      { head: 'LOAD', align: 'right' },
      { head: 'SERVER' },
    ],
    loaded
      .slice(0, rows)
      .map(({ copy, map, seats, soft, hard, load, server }) => [copy, map, String(seats), String(soft), String(hard), percent(load), server]),
  )
}

/** Servers by the share of the seats of their copies that is held or taken. */
export function renderTopServers(status: StatusResponse, rows: number): string[] {
  const loaded = serversIn(status).map((server) => {
    const own = status.copies.filter((copy) => copy.server === server.id)
    const [seats, hard] = [own.reduce((sum, copy) => sum + copy.players + copy.held, 0), own.reduce((sum, copy) => sum + copy.hard, 0)]
    return { ...server, seats, hard, load: hard === 0 ? 0 : seats / hard }
  })
  loaded.sort((a, b) => b.load - a.load || (a.id < b.id ? -1 : 1))
  return table(
    [
      { head: 'NAME' },
      { head: 'FLEET' },
      { head: 'COPIES', align: 'right' },
      { head: 'SEATS', align: 'right' },
      { head: 'HARD', align: 'right' },
      { head: 'LOAD', align: 'right' },
    ],
    loaded
      .slice(0, rows)
      .map(({ id, fleet, copies, rooms, seats, hard, load }) => [id, fleet, `${copies}/${rooms}`, String(seats), String(hard), percent(load)]),
  )
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`
}
