import type { BudgetName } from '../options.ts'
import { columns, type FigureName, figures, figuresOf } from './figures.ts'
import type { Runs } from './runAll.ts'
import type { Variant } from './variant.ts'

const FACTORS = [0.25, 0.5, 1, 2, 4]

/** One point of the frontier. */
export interface Point {
  /** Of the policy's budget. */
  factor: number
  allowed: number
  spent: number
  figures: Record<FigureName, number>
}

export function frontierVariants(budget: BudgetName, seed: number): Variant[] {
  return FACTORS.map((factor) => ({ seed, budgets: { [budget]: factor } }))
}

export function frontierOf(budget: BudgetName, variants: readonly Variant[], runs: Runs): Point[] {
  return variants.flatMap(({ budgets }, index) => {
    const run = runs[index]
    if (run === undefined) return []
    const reached = figuresOf(run.score)
    return [{ factor: budgets?.[budget] ?? 1, allowed: run.allowed[budget], spent: reached[budget], figures: reached }]
  })
}

export function frontierReport(budget: BudgetName, points: readonly Point[], plot: string | undefined): string {
  const head = [`budget of ${budget}`, 'allowed', 'spent', 'spent/allowed', ...figures.map(({ name }) => name)]
  const body = points.map(({ factor, allowed, spent, figures: reached }) => [
    `x ${factor}`,
    allowed.toFixed(4),
    spent.toFixed(4),
    (spent / allowed).toFixed(2),
    ...figures.map(({ name, digits }) => reached[name].toFixed(digits)),
  ])
  return `${columns([head, ...body])}\n${plot === undefined ? '' : `\ncohesion over spending: ${plot}\n`}`
}
