import type { ExplainResponse } from '../../model/wire/matchmaker.ts'
import { filterSentence } from '../../score/filterSentence.ts'
import type { Paint } from '../../service/terminal/paint.ts'
import { type Column, table } from './table.ts'

type Candidate = ExplainResponse['decisions'][number]['candidates'][number]

/** The strict tiers of the scorer, in the order in which they are compared (score/rank.ts). */
const tiers = ['party', 'stays', 'friends', 'back']

/** Table of the candidate copies: ranked ones first, with one column per term of the score, then those that a filter excluded. */
export function candidateTable(candidates: readonly Candidate[], chosen: string | undefined, paint: Paint): string[] {
  if (candidates.length === 0) return []
  const terms = [...new Set(candidates.flatMap((candidate) => Object.keys(candidate.terms ?? {})))].sort()
  const ranked = candidates.some(({ filtered }) => filtered === undefined)
  // The policy makes friends a tier or a weighted term. They get one column either way. Few players come back to the copy that they left.
  const someBack = candidates.some(({ tiers: values }) => (values?.[3] ?? 0) > 0)
  const shown = tiers.filter((tier) => (tier !== 'friends' || !terms.includes('friends')) && (tier !== 'back' || someBack))
  const names = ranked ? [...shown, ...terms, 'score'] : []
  const scored: Column[] = names.map((head) => ({ head, align: 'right' }))
  const columns: Column[] = [{ head: '' }, { head: 'copy' }, { head: 'people', align: 'right' }, { head: 'limit', align: 'right' }, ...scored, { head: '' }]
  const rows = candidates.map((candidate) => {
    const { copy, population, limit, filtered } = candidate
    const here = copy === chosen
    return [
      here ? paint('green', '►') : ' ',
      here ? paint('green', copy) : copy,
      String(population),
      String(limit),
      ...(filtered === undefined ? scoreCells(candidate, shown, terms) : names.map(() => '·')),
      filtered === undefined ? '' : paint('yellow', `✗ ${filterSentence(filtered)}`),
    ]
  })
  return table(columns, rows, (text) => paint('dim', text))
}

function scoreCells({ tiers: values = [], terms = {}, score }: Candidate, shown: readonly string[], names: readonly string[]): string[] {
  const [party = 0, stays = 0, friends = 0, back = 0] = values
  const byTier: Record<string, string> = { party: String(party), stays: stays === 1 ? 'yes' : 'no', friends: figure(friends), back: back > 0 ? 'yes' : 'no' }
  const tierCells = shown.map((tier) => byTier[tier] ?? '')
  return [...tierCells, ...names.map((name) => figure(terms[name])), figure(score)]
}

function figure(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2)
}
