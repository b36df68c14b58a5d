import type { Instant } from '../clock.ts'
import { defined } from '../defined.ts'
import type { Language, MapName, Pseudonym } from '../ids.ts'

/** A character on a map without interruption, in one guild and one party. */
export interface Stay {
  avatar: Pseudonym
  map: MapName
  kind: 'zone' | 'instance'
  from: Instant
  until: Instant
  guild?: Pseudonym
  party?: Pseudonym
  /** Best first. */
  languages: readonly Language[]
  /** Friends who were in the world at some moment of the stay. */
  friends: readonly Pseudonym[]
}

/** A time that was recorded without a gap, under the same pseudonyms. */
export interface Span {
  from: Instant
  until: Instant
}

export type RecordingRow = { stay: Stay } | { span: Span }

/** First line of a recording; docs/reference/recording.md describes the columns. */
export const RECORDING_HEADER = 'avatar,map,kind,from,until,guild,party,languages,friends'
/** The kind of a row that names a recorded span. */
const SPAN = 'recorded'

const COLUMNS = RECORDING_HEADER.split(',').length
/** Pseudonyms, map names and languages: no comma, space, quote or line break. */
const NAME = /^[\w.:-]+$/

export function recordingLine(row: RecordingRow): string {
  if ('span' in row) return ['', '', SPAN, iso(row.span.from), iso(row.span.until), '', '', '', ''].join(',')
  const { avatar, map, kind, from, until, guild = '', party = '', languages, friends } = row.stay
  return [avatar, map, kind, iso(from), iso(until), guild, party, languages.join(' '), friends.join(' ')].join(',')
}

/** Reads one line. Returns what is wrong with it, as text. */
export function readRecordingLine(line: string): RecordingRow | string {
  const cells = line.split(',')
  if (cells.length !== COLUMNS) return `it has ${cells.length} columns, not ${COLUMNS}`
  const [avatar = '', map = '', kind = '', start = '', end = '', guild = '', party = '', spoken = '', known = ''] = cells
  const [from, until] = [Date.parse(start), Date.parse(end)]
  for (const [name, value, at] of [
    ['from', start, from],
    ['until', end, until],
  ] as const)
    if (Number.isNaN(at)) return `${name} is not a time such as 2027-01-31T20:00:00.000Z: "${value}"`
  if (until <= from) return `until (${end}) is not after from (${start})`
  if (kind === SPAN) return avatar === '' ? { span: { from, until } } : 'a row of kind recorded has no avatar'
  if (kind !== 'zone' && kind !== 'instance') return `kind is zone, instance or ${SPAN}; not "${kind}"`
  const [languages, friends] = [words(spoken), words(known)]
  if (!NAME.test(avatar)) return 'avatar is missing'
  if (!NAME.test(map)) return 'map is missing'
  if (languages.length === 0) return 'languages is empty: a character speaks one at least'
  for (const value of [guild, party, ...languages, ...friends]) if (value !== '' && !NAME.test(value)) return `"${value}" is not a pseudonym or a language`
  const stay = { avatar, map, kind, from, until, languages, friends } as const
  return { stay: { ...stay, ...defined({ guild: guild || undefined, party: party || undefined }) } }
}

function iso(at: Instant): string {
  return new Date(at).toISOString()
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}
