import { defined } from '../../model/defined.ts'
import type { CandidateRecord, Decision } from '../../model/placement/decision.ts'
import { toJsonb } from '../database/json.ts'

/**
 * Candidates in the format of the table. The full records of twenty copies take 3.7 kB. With each term name stored once and four decimals
 * they take a third, so that PostgreSQL need not compress them, and every placement can be stored at peak load (rule P2).
 */
export interface StoredCandidates {
  /** Scores, tiers and terms are stored as integers, multiplied by this; integers are written in half the time. Absent in rows of earlier releases: 1. */
  scale?: number
  terms: string[]
  /** Copy, population, limit; then the filter that excluded it, or score, tiers and the terms in the order of `terms`. */
  copies: StoredCopy[]
}

type StoredCopy = [copy: string, population: number, limit: number, filtered: string] | [copy: string, population: number, limit: number, ...scored: Scored]
type Scored = [score: number | null, tiers: number[] | null, terms: (number | null)[] | null]

/** Four decimals: finer than any difference of scores that matters to a reader. */
const SCALE = 10_000

/** A decision that is ready to be stored. */
export interface PackedDecision extends Omit<Decision, 'candidates'> {
  /** JSON text for the column. */
  candidates: string
}

/**
 * Packs a decision when it is made, not when it is written. At peak load thousands of decisions are queued; if each kept a hundred small objects,
 * the garbage collector would copy them between generations and delay the slowest placements.
 */
export function packDecision(decision: Decision): PackedDecision {
  return { ...decision, candidates: toJsonb(packCandidates(decision.candidates)) }
}

export function unpackDecision(decision: PackedDecision): Decision {
  return { ...decision, candidates: unpackCandidates(JSON.parse(decision.candidates) as StoredCandidates) } // written by `packDecision`
}

function packCandidates(candidates: readonly CandidateRecord[]): StoredCandidates {
  const names: string[] = []
  return { scale: SCALE, copies: candidates.map((candidate) => packCopy(candidate, names)), terms: names }
}

/** Fails to compile when `CandidateRecord` gets a field that `packCopy` does not store. */
type PackableCandidate = CandidateRecord &
  Record<Exclude<keyof CandidateRecord, 'copy' | 'population' | 'limit' | 'filtered' | 'score' | 'tiers' | 'terms'>, never>

function packCopy({ copy, population, limit, filtered, score, tiers, terms }: PackableCandidate, names: string[]): StoredCopy {
  if (filtered !== undefined) return [copy, population, limit, filtered]
  return [copy, population, limit, score === undefined ? null : scaled(score), tiers?.map(scaled) ?? null, terms === undefined ? null : inOrder(terms, names)]
}

/** Rows of releases before the packed format hold the records themselves. */
export function unpackCandidates(stored: StoredCandidates | CandidateRecord[]): CandidateRecord[] {
  if (Array.isArray(stored)) return stored
  const { scale = 1, terms: names, copies } = stored
  return copies.map(([copy, population, limit, ...rest]): CandidateRecord => {
    if (isFiltered(rest)) return { copy, filtered: rest[0], population, limit }
    const [score, tiers, values] = rest
    return defined({
      copy,
      tiers: tiers?.map((tier) => tier / scale),
      terms: values === null ? undefined : byName(names, values, scale),
      score: score === null ? undefined : score / scale,
      population,
      limit,
    })
  })
}

function isFiltered(rest: [string] | Scored): rest is [string] {
  return typeof rest[0] === 'string'
}

function scaled(value: number): number {
  return Math.round(value * SCALE)
}

/** The values in the order of `names`. Adds new names to `names`. */
function inOrder(terms: Readonly<Record<string, number>>, names: string[]): (number | null)[] {
  for (const name in terms) if (!names.includes(name)) names.push(name)
  return names.map((name) => {
    const value = terms[name]
    return value === undefined ? null : scaled(value)
  })
}

function byName(names: readonly string[], values: readonly (number | null)[], scale: number): Record<string, number> {
  const terms: Record<string, number> = {}
  for (const [index, name] of names.entries()) {
    const value = values[index]
    if (value !== undefined && value !== null) terms[name] = value / scale
  }
  return terms
}
