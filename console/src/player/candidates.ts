/** A copy that a decision considered (model/wire/decision.ts). */
export interface Candidate {
  copy: string
  filtered?: string | undefined
  tiers?: number[] | undefined
  terms?: Record<string, number> | undefined
  score?: number | undefined
  population: number
  limit: number
}

/** The strict tiers of the scorer, in the order in which they are compared (score/rank.ts). */
const tiers = ['party', 'stays', 'friends', 'back']

/** Columns of the tiers. Friends are a tier or a weighted term; few players come back to the copy that they left. */
export function tierCells(candidates: readonly Candidate[], terms: readonly string[]): { names: string[]; of(candidate: Candidate): string[] } {
  const someBack = candidates.some((candidate) => (candidate.tiers?.[3] ?? 0) > 0)
  const names = tiers.filter((tier) => (tier !== 'friends' || !terms.includes('friends')) && (tier !== 'back' || someBack))
  const cell = (tier: string, value = 0): string =>
    tier === 'stays' || tier === 'back' ? (value > 0 ? 'yes' : 'no') : tier === 'party' ? String(value) : figure(value)
  return { names, of: (candidate) => names.map((tier) => cell(tier, candidate.tiers?.[tiers.indexOf(tier)])) }
}

export function figure(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(2)
}
