import { expect, it } from 'vitest'
import type { CopyStatus, StatusResponse } from '../../model/wire/admin.ts'
import { fitRows } from '../../service/terminal/fitRows.ts'
import { painter } from '../../service/terminal/paint.ts'
import { renderStatus } from './status.ts'

const copy = (id: string, rest: Partial<CopyStatus> = {}): CopyStatus => ({
  map: id.split('-', 1)[0] ?? '',
  copy: id,
  state: 'open',
  server: 'overworld-a',
  players: 0,
  held: 0,
  soft: 40,
  hard: 50,
  ageMs: 65_000,
  ...rest,
})
const world: StatusResponse = {
  leader: true,
  at: Date.UTC(2026, 10, 21, 7, 39, 47),
  copies: [
    copy('forest-2', { players: 12, ageMs: 9_000, server: 'overworld-b' }),
    copy('forest-1', { players: 38, held: 4, ageMs: 7_325_000 }),
    copy('forest-3', { state: 'closing', players: 3, server: 'overworld-b' }),
    copy('hills-1', { state: 'opening' }),
  ],
  servers: [
    { id: 'overworld-a', fleet: 'overworld', state: 'Allocated', address: 'ws://10.0.0.1:7000', copies: 2, rooms: 6, draining: false },
    { id: 'overworld-b', fleet: 'overworld', state: 'Allocated', address: 'ws://10.0.0.2:7000', copies: 2, rooms: 6, draining: true },
  ],
  maps: [
    { map: 'forest', players: 53, waiting: 7, policyVersion: '3b98a2bb' },
    { map: 'hills', players: 0, waiting: 0, policyVersion: '458d98a2', policyError: 'fleets/hills.yaml:6:14 spec.capacity.soft: must not be above 36' },
  ],
  totals: { copiesOpened: 5, copiesMerged: 1, movesOrdered: 20, seatsOverHardCap: 0, partySplits: 0 },
}
const plain = { paint: painter(false), columns: 110 }

it('D4: shows maps, copies, servers and totals, and a refused policy with the position of the mistake', () => {
  expect(`\n${renderStatus(world, 'http://127.0.0.1:7101', plain).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    Strata at http://127.0.0.1:7101 · this orchestrator leads · 07:39:47 UTC

    forest  53 players in 3 copies · 7 in line · policy 3b98a2bb
      forest-1  open     ███████████████████████▒▒·····  38+4/50  overworld-a  2 h 2 m
      forest-3  closing  ██······················|·····     3/50  overworld-b  1 m 5 s
      forest-2  open     ███████·················|·····    12/50  overworld-b      9 s
    hills  0 players in 1 copy · policy 458d98a2
      refused: fleets/hills.yaml:6:14 spec.capacity.soft: must not be above 36
      the last valid policy stays in use
      hills-1   opening  ························|·····     0/50  overworld-a  1 m 5 s

    server       fleet      state      copies  players  address
    overworld-a  overworld  Allocated     2/6       38  ws://10.0.0.1:7000
    overworld-b  overworld  Allocated     2/6       15  ws://10.0.0.2:7000  draining

    53 players, 4 held seats, 7 in line · 4 copies of 2 maps on 2 servers · 1 policy is refused
    since its start: 5 opened, 1 merged · 20 moves ordered · 0 party splits · 0 seats over a hard cap
    "
  `)
})

it('shows a follower, an empty world, a copy without policy and broken rules', () => {
  const nothing = { ...world, leader: false, copies: [], servers: [], maps: [] }
  expect(`\n${renderStatus(nothing, 'http://127.0.0.1:7101', plain).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    Strata at http://127.0.0.1:7101 · this orchestrator follows; another one leads, or none does · 07:39:47 UTC

    no maps: there is no policy and no copy

    no servers: the fleet has none or does not answer

    0 players, 0 held seats, 0 in line · 0 copies of 0 maps on 0 servers
    since its start: 5 opened, 1 merged · 20 moves ordered · 0 party splits · 0 seats over a hard cap
    "
  `)
  const lost: StatusResponse = {
    ...world,
    copies: [copy('forest-1', { soft: 0, hard: 0, players: 2, state: 'lost' })],
    maps: [{ map: 'forest', players: 2, waiting: 0, policyVersion: 'none' }],
    totals: { ...world.totals, partySplits: 2, seatsOverHardCap: 1 },
  }
  expect(`\n${renderStatus(lost, 'http://127.0.0.1:7101', { ...plain, columns: 80 }).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    Strata at http://127.0.0.1:7101 · this orchestrator leads · 07:39:47 UTC

    forest  2 players in 1 copy · no policy
      forest-1  lost  no policy   2/?  overworld-a  1 m 5 s

    server       fleet      state      copies  players  address
    overworld-a  overworld  Allocated     2/6        2  ws://10.0.0.1:7000
    overworld-b  overworld  Allocated     2/6        0  ws://10.0.0.2:7000  draining

    2 players, 0 held seats, 0 in line · 1 copy of 1 map on 2 servers
    since its start: 5 opened, 1 merged · 20 moves ordered · 2 party splits · 1 seats over a hard cap
    "
  `)
})

it('columns stay aligned in colour', () => {
  const esc = String.fromCharCode(27)
  const coloured = renderStatus(world, 'http://x', { paint: painter(true), columns: 110 }).join('\n')
  expect(coloured).toContain(`${esc}[33mdraining`)
  expect(coloured.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '')).toBe(renderStatus(world, 'http://x', plain).join('\n'))
})

it('output that does not fit the terminal omits copies, never the totals', () => {
  const lines = renderStatus(world, 'http://x', plain)
  const fitted = fitRows(lines, 10, 'lines')
  expect(fitted).toHaveLength(9)
  expect(fitted.slice(-3)).toEqual([expect.stringMatching(/^… and 9 more lines/), ...lines.slice(-2)])
  expect(fitRows(lines, 40, 'lines')).toEqual(lines)
  expect(fitRows(lines, undefined, 'lines')).toEqual(lines)
})
