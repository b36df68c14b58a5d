import type { CandidateRecord, Decision } from '../../model/placement/decision.ts'
import { toJsonb } from '../database/json.ts'

/**
 * Candidates as the table holds them. The records of twenty copies in full are 3.7 kB; with the names of the terms once, and four
 * decimals, they are a third, so that PostgreSQL need not compress them. That is what lets every single placement be stored
 * (rule P2) in a storm.
 */
export interface StoredCandidates {
  /** Scores, tiers and terms are in parts of one by so many: whole numbers are written in half the time. Absent: earlier rows, in ones. */
  scale?: number
  terms: string[]
  /** Copy, population, limit, then what filtered it, or: score, tiers, and the terms in the order of `terms`. */
  copies: StoredCopy[]
}

type StoredCopy = [copy: string, population: number, limit: number, filtered: string] | [copy: string, population: number, limit: number, ...scored: Scored]
type Scored = [score: number | null, tiers: number[] | null, terms: (number | null)[] | null]

/** Four decimals tell any two scores apart that a person would. */
const SCALE = 10_000

/** A decision that waits to be stored. */
export interface PackedDecision extends Omit<Decision, 'candidates'> {
  /** As the column takes them. */
  candidates: string
}

/**
 * Made when the decision is, not when it is written: thousands of them wait in a storm, and the hundred small objects of twenty
 * candidates each, copied from generation to generation by the garbage collector, are what the slowest placements wait for.
 */
export function packDecision(decision: Decision): PackedDecision {
  return { ...decision, candidates: toJsonb(packCandidates(decision.candidates)) }
}

export function unpackDecision(decision: PackedDecision): Decision {
  return { ...decision, candidates: unpackCandidates(JSON.parse(decision.candidates) as StoredCandidates) } // packed above
}

function packCandidates(candidates: readonly CandidateRecord[]): StoredCandidates {
  const names: string[] = []
  return { scale: SCALE, copies: candidates.map((candidate) => packCopy(candidate, names)), terms: names }
}

/** A new field needs a place in `packCopy`: without one no candidate fits. */
type Placed = CandidateRecord & Record<Exclude<keyof CandidateRecord, 'copy' | 'population' | 'limit' | 'filtered' | 'score' | 'tiers' | 'terms'>, never>

function packCopy({ copy, population, limit, filtered, score, tiers, terms }: Placed, names: string[]): StoredCopy {
  if (filtered !== undefined) return [copy, population, limit, filtered]
  return [copy, population, limit, score === undefined ? null : scaled(score), tiers?.map(scaled) ?? null, terms === undefined ? null : inOrder(terms, names)]
}

/** Rows of releases before the packing hold the records themselves. */
export function unpackCandidates(stored: StoredCandidates | CandidateRecord[]): CandidateRecord[] {
  if (Array.isArray(stored)) return stored
  const { scale = 1, terms: names, copies } = stored
  return copies.map(([copy, population, limit, ...rest]): CandidateRecord => {
    if (isFiltered(rest)) return { copy, filtered: rest[0], population, limit }
    const [score, tiers, values] = rest
    return {
      copy,
      ...(tiers === null ? {} : { tiers: tiers.map((tier) => tier / scale) }),
      ...(values === null ? {} : { terms: byName(names, values, scale) }),
      ...(score === null ? {} : { score: score / scale }),
      population,
      limit,
    }
  })
}

function isFiltered(rest: [string] | Scored): rest is [string] {
  return typeof rest[0] === 'string'
}

function scaled(value: number): number {
  return Math.round(value * SCALE)
}

/** The values in the order of `names`, to which what is new is added. */
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
