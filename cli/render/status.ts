import type { CopyStatus, StatusResponse } from '../../model/wire/admin.ts'
import type { Paint, Style } from '../../service/terminal/paint.ts'
import { populationBar } from '../../service/terminal/populationBar.ts'
import { duration, timeOfDay } from '../duration.ts'
import { table } from './table.ts'

const stateStyle: Record<CopyStatus['state'], Style> = { opening: 'cyan', open: 'green', closing: 'yellow', lost: 'red' }
/** Usual width of a copy's line without its bar, in characters. */
const BESIDE_BAR = 78
/** Width of the bar, in characters. */
const BAR = { least: 10, most: 30 }

/** The status for operators: maps with their copies, servers, totals. */
export function renderStatus(status: StatusResponse, url: string, { paint, columns }: { paint: Paint; columns: number }): string[] {
  const cells = Math.max(BAR.least, Math.min(BAR.most, columns - BESIDE_BAR))
  const { copies, at, leader } = status
  return [
    `Strata at ${url} · ${leader ? 'this orchestrator leads' : paint('yellow', 'this orchestrator follows; another one leads, or none does')} · ${timeOfDay(at, at)}`,
    '',
    ...mapLines(status, cells, paint),
    '',
    ...serverLines(status, paint),
    '',
    summary(copies, status, paint),
    totalsLine(status.totals, paint),
  ]
}

function mapLines({ copies, maps }: StatusResponse, cells: number, paint: Paint): string[] {
  if (maps.length === 0) return [paint('yellow', 'no maps: there is no policy and no copy')]
  // One table for all maps, so that their columns are aligned.
  const lines = table(
    [{}, {}, {}, { align: 'right' }, {}, { align: 'right' }],
    copies.map((copy) => copyRow(copy, cells, paint)),
  )
  return maps.flatMap(({ map, players, waiting, policyVersion, policyError }) => {
    const own = copies.flatMap((copy, index) => (copy.map === map ? [{ copy, line: lines[index] ?? '' }] : []))
    own.sort((a, b) => b.copy.ageMs - a.copy.ageMs)
    const head = `${paint('bold', map)}  ${count(players, 'player')} in ${count(own.length, 'copy', 'copies')}`
    const line = waiting === 0 ? '' : ` · ${paint('yellow', `${waiting} in line`)}`
    const policy = policyVersion === 'none' ? paint('red', ' · no policy') : paint('dim', ` · policy ${policyVersion}`)
    return [
      `${head}${line}${policy}`,
      ...(policyError === undefined ? [] : [paint('red', `  refused: ${policyError}`), paint('red', '  the last valid policy stays in use')]),
      ...own.map((one) => `  ${one.line}`),
    ]
  })
}

function copyRow(copy: CopyStatus, cells: number, paint: Paint): string[] {
  const held = copy.held === 0 ? '' : `+${copy.held}`
  return [
    copy.copy,
    paint(stateStyle[copy.state], copy.state),
    populationBar(copy, cells, paint),
    `${copy.players}${held}/${copy.hard === 0 ? '?' : copy.hard}`,
    copy.server,
    duration(copy.ageMs),
  ]
}

function serverLines({ servers, copies }: StatusResponse, paint: Paint): string[] {
  if (servers.length === 0) return [paint('yellow', 'no servers: the fleet has none or does not answer')]
  const rows = servers.map(({ id, fleet, state, address, copies: hosted, rooms, draining }) => {
    const players = copies.filter(({ server }) => server === id).reduce((sum, copy) => sum + copy.players, 0)
    return [id, fleet, state, `${hosted}/${rooms}`, String(players), address, draining ? paint('yellow', 'draining') : '']
  })
  const heads = ['server', 'fleet', 'state', 'copies', 'players', 'address', ''] as const
  return table(
    heads.map((head) => ({ head, align: head === 'copies' || head === 'players' ? 'right' : 'left' })),
    rows,
    (text) => paint('dim', text),
  )
}

function summary(copies: readonly CopyStatus[], { servers, maps }: StatusResponse, paint: Paint): string {
  const [players, held, waiting] = [total(copies, 'players'), total(copies, 'held'), total(maps, 'waiting')]
  const broken = maps.filter(({ policyError }) => policyError !== undefined).length
  return [
    `${count(players, 'player')}, ${count(held, 'held seat')}, ${waiting} in line`,
    `${count(copies.length, 'copy', 'copies')} of ${count(maps.length, 'map')} on ${count(servers.length, 'server')}`,
    ...(broken === 0 ? [] : [paint('red', `${count(broken, 'policy is', 'policies are')} refused`)]),
  ].join(' · ')
}

/** Rules P1 and S3 forbid party splits and seats over the hard cap, so any count but 0 is red. */
function totalsLine({ copiesOpened, copiesMerged, movesOrdered, partySplits, seatsOverHardCap }: StatusResponse['totals'], paint: Paint): string {
  const mustBeZero = (figure: number, what: string): string => (figure === 0 ? `0 ${what}` : paint('red', `${figure} ${what}`))
  return [
    `since its start: ${copiesOpened} opened, ${copiesMerged} merged`,
    `${count(movesOrdered, 'move')} ordered`,
    mustBeZero(partySplits, 'party splits'),
    mustBeZero(seatsOverHardCap, 'seats over a hard cap'),
  ].join(' · ')
}

function total<K extends string>(rows: readonly Record<K, number>[], key: K): number {
  return rows.reduce((sum, row) => sum + row[key], 0)
}

export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`
}
