/** Figures of `simulate --json`, in the words of the page. `more`: whether a larger value is better; undefined: neither. */
const figures: { key: string; name: string; percent: boolean; more: boolean | undefined }[] = [
  { key: 'guildPairCohesion', name: 'Guild-mates together', percent: true, more: true },
  { key: 'friendPairCohesion', name: 'Friends together', percent: true, more: true },
  { key: 'partyCohesion', name: 'Parties together', percent: true, more: true },
  { key: 'languageShare', name: 'Own language around', percent: true, more: true },
  { key: 'forcedMovesPerPlayerHour', name: 'Forced moves per player and hour', percent: false, more: false },
  { key: 'copiesOverNeed', name: 'Copies over need', percent: true, more: false },
  { key: 'lowFillPlayerShare', name: 'Players in nearly empty copies', percent: true, more: false },
  { key: 'shortMapMinutes', name: 'Time without a free seat', percent: true, more: false },
  { key: 'peakCopies', name: 'Most copies at a time', percent: false, more: undefined },
]

export interface ScoreRow {
  name: string
  today: string
  draft: string
  change: string
  /** Undefined: no difference that counts. */
  better: boolean | undefined
}

/** Below this difference both results are the same to a person. */
const LEAST_DIFFERENCE = 0.0005

export function scoreRows({ today, draft }: { today: Record<string, unknown>; draft: Record<string, unknown> }): ScoreRow[] {
  return figures.flatMap(({ key, name, percent, more }) => {
    const [a, b] = [today[key], draft[key]]
    if (typeof a !== 'number' || typeof b !== 'number') return []
    const text = (value: number): string => (percent ? `${(value * 100).toFixed(1)} %` : value.toFixed(Number.isInteger(value) ? 0 : 4))
    const difference = b - a
    const differs = Math.abs(difference) >= LEAST_DIFFERENCE
    return [
      {
        name,
        today: text(a),
        draft: text(b),
        change: differs ? `${difference > 0 ? '+' : '−'}${text(Math.abs(difference))}` : 'none',
        better: differs && more !== undefined ? difference > 0 === more : undefined,
      },
    ]
  })
}
