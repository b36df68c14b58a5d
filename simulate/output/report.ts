import type { Score } from '../../score/day/daySums.ts'

/** `worstHour` and `worstTenMinutes`: the most forced moves per player-hour within such a span. */
export type Scored = Score & { worstHour: number; worstTenMinutes: number; wallSeconds: number }
export interface Named {
  name: string
  score: Scored
}

interface Row {
  field: keyof Scored
  label: string
  /** The project's target: `least` when higher is better, `most` when lower is better. */
  least?: number
  most?: number
  show: (value: number) => string
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`
const small = (value: number): string => value.toFixed(5)
const whole = (value: number): string => Math.round(value).toLocaleString('en')

const rows: Row[] = [
  { field: 'guildPairCohesion', label: 'guild-mates in one copy', least: 0.97, show: percent },
  { field: 'partyCohesion', label: 'parties in one copy', least: 1, show: percent },
  { field: 'friendPairCohesion', label: 'friends in one copy', least: 0.9, show: percent },
  { field: 'languageShare', label: 'own-language share, of the best possible', least: 0.75, show: percent },
  { field: 'forcedMovesPerPlayerHour', label: 'forced moves per player-hour', most: 0.01, show: small },
  { field: 'worstHour', label: 'forced moves in the worst hour', show: small },
  { field: 'worstTenMinutes', label: 'forced moves in the worst ten minutes', show: small },
  { field: 'copiesOverNeed', label: 'copies over need', most: 0.12, show: percent },
  { field: 'shortMapMinutes', label: 'map-minutes with a line', most: 0.0005, show: small },
  { field: 'lowFillPlayerShare', label: 'player-time in copies under 20', most: 0.05, show: percent },
  { field: 'meanPlayers', label: 'players, mean', show: whole },
  { field: 'peakPlayers', label: 'players, peak', show: whole },
  { field: 'meanCopies', label: 'copies, mean', show: whole },
  { field: 'peakCopies', label: 'copies, peak', show: whole },
  { field: 'opens', label: 'copies opened', show: whole },
  { field: 'closes', label: 'copies closed', show: whole },
  { field: 'moves', label: 'characters moved', show: whole },
  { field: 'wallSeconds', label: 'wall-clock seconds', most: 60, show: (value) => value.toFixed(1) },
]

/** Formats scores for a terminal: one row per figure, one column per run, ✓ or ✗ where there is a target. */
export function table(scores: readonly Named[], plot: string | undefined): string {
  const wide = Math.max(...rows.map(({ label }) => label.length)) + 2
  const columns = scores.map(({ name, score }) => ({ name, score, width: Math.max(14, name.length + 2) }))
  const head = `${' '.repeat(wide)}${columns.map(({ name, width }) => name.padStart(width)).join('')}${'target'.padStart(14)}`
  const body = rows.map(({ field, label, least, most, show }) => {
    const cells = columns.map(({ score, width }) => {
      const value = score[field]
      const missed = (least !== undefined && value < least) || (most !== undefined && value > most)
      const mark = least === undefined && most === undefined ? ' ' : missed ? '✗' : '✓'
      return `${show(value)} ${mark}`.padStart(width)
    })
    const target = least === undefined ? (most === undefined ? '' : `≤ ${show(most)}`) : `≥ ${show(least)}`
    return `${label.padEnd(wide)}${cells.join('')}${target.padStart(14)}`
  })
  return [head, ...body, ...(plot === undefined ? [] : ['', `players, copies and moves over the day: ${plot}`]), ''].join('\n')
}
