import type { CopyStatus } from '../../model/wire/admin.ts'
import type { SeatedPlayer } from '../../model/wire/world.ts'
import { duration, timeOfDay } from '../duration.ts'
import type { DecisionRow } from '../resources/decisions.ts'
import type { MapStatus, ServerStatus } from '../resources/world.ts'
import { table } from './table.ts'

/** `Name:   value` lines, with the values aligned. */
function facts(rows: readonly (readonly [string, string])[]): string[] {
  return table(
    [{}, {}],
    rows.map(([name, value]) => [`${name}:`, value]),
  )
}

function section(title: string, lines: readonly string[], none: string): string[] {
  return [`${title}:`, ...(lines.length === 0 ? [`  ${none}`] : lines.map((text) => `  ${text}`))]
}

function decisionLines(decisions: readonly DecisionRow[], now: number): string[] {
  return table(
    [{}, {}, {}, {}],
    decisions.map(({ at, kind, copy, reason }) => [timeOfDay(at, now), kind, copy ?? '-', reason]),
  )
}

export function describeCopy(copy: CopyStatus, players: readonly SeatedPlayer[], decisions: readonly DecisionRow[], now: number): string[] {
  const people = table(
    ['NAME', 'SEAT', 'LANGUAGE', 'GUILD', 'PARTY'].map((head) => ({ head })),
    players.map(({ name, seat, language, guild = '-', party = '-' }) => [name, seat, language, guild, party]),
  )
  return [
    ...facts([
      ['Name', copy.copy],
      ['Map', copy.map],
      ['State', copy.state],
      ['Server', copy.server],
      ['Age', duration(copy.ageMs)],
      ['Players', `${copy.players}, and ${copy.held} held`],
      ['Capacity', `soft ${copy.soft}, hard ${copy.hard}`],
      ['Languages', counted(players.map(({ language }) => language))],
      ['Guilds', counted(players.flatMap(({ guild }) => guild ?? []))],
    ]),
    ...section('People', players.length === 0 ? [] : people, 'nobody'),
    ...section('Decisions', decisionLines(decisions, now), 'none is stored'),
  ]
}

export function describeServer(server: ServerStatus, copies: readonly CopyStatus[]): string[] {
  const hosted = table(
    ['NAME', 'MAP', 'STATE', 'PLAYERS', 'AGE'].map((head) => ({ head, align: head === 'PLAYERS' || head === 'AGE' ? ('right' as const) : ('left' as const) })),
    copies.map(({ copy, map, state, players, hard, ageMs }) => [copy, map, state, `${players}/${hard}`, duration(ageMs)]),
  )
  return [
    ...facts([
      ['Name', server.id],
      ['Fleet', server.fleet],
      ['State', server.state],
      ['Draining', server.draining ? 'yes' : 'no'],
      ['Address', server.address === '' ? 'none yet' : server.address],
      ['Rooms', `${server.copies} of ${server.rooms}`],
      ['Players', String(server.players)],
    ]),
    ...section('Copies', copies.length === 0 ? [] : hosted, 'none'),
  ]
}

export function describeMap(map: MapStatus, copies: readonly CopyStatus[], decisions: readonly DecisionRow[], now: number): string[] {
  const running = table(
    ['NAME', 'STATE', 'PLAYERS', 'SERVER', 'AGE'].map((head) => ({
      head,
      align: head === 'PLAYERS' || head === 'AGE' ? ('right' as const) : ('left' as const),
    })),
    copies.map(({ copy, state, players, hard, server, ageMs }) => [copy, state, `${players}/${hard}`, server, duration(ageMs)]),
  )
  return [
    ...facts([
      ['Name', map.map],
      ['Policy', map.policyVersion],
      ...(map.policyError === undefined ? [] : [['Refused', `${map.policyError}; the last valid policy stays in use`] as const]),
      ['Players', String(map.players)],
      ['In line', String(map.waiting)],
    ]),
    ...section('Copies', copies.length === 0 ? [] : running, 'none'),
    ...section('Decisions', decisionLines(decisions, now), 'none is stored'),
  ]
}

/** `de 12, en 3`: the most frequent first. */
function counted(values: readonly string[]): string {
  const counts = [...Map.groupBy(values, (value) => value)].map(([value, all]) => ({ value, count: all.length }))
  counts.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  return counts.length === 0 ? '-' : counts.map(({ value, count }) => `${value} ${count}`).join(', ')
}
