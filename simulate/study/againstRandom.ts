import { seededRandom } from '../../model/random.ts'
import { columns, type FigureName, figures, figuresOf } from './figures.ts'
import type { Runs } from './runAll.ts'
import { drawSettings } from './settings.ts'
import type { Variant } from './variant.ts'

const company = ['guild', 'friends', 'language'] as const

export interface Comparison {
  settings: number
  /** Settings whose moves and copies are within the budgets of the policy. */
  within: number
  policy: Record<FigureName, number>
  /** For each kind of company the best of those, with its other figures and its settings. */
  best: Partial<Record<(typeof company)[number], { figures: Record<FigureName, number>; variant: Variant }>>
}

/** First the policy as it is, then random settings. The settings depend on their number only, so that a study of more goes on with those of fewer. */
export function randomVariants(settings: number, seed: number): Variant[] {
  return [{ seed }, ...Array.from({ length: settings }, (_, n): Variant => ({ seed, ...drawSettings(seededRandom(1_000 + n)) }))]
}

export function againstRandom(variants: readonly Variant[], runs: Runs): Comparison {
  const [policy] = runs
  if (policy === undefined) throw new Error('the comparison needs the run of the policy')
  const { moves, copies } = policy.allowed
  const within = variants.flatMap((variant, index) => {
    const run = runs[index]
    if (index === 0 || run === undefined) return []
    const reached = figuresOf(run.score)
    return reached.moves <= moves && reached.copies <= copies ? [{ figures: reached, variant }] : []
  })
  const best = Object.fromEntries(
    company.flatMap((name) =>
      within
        .toSorted((a, b) => b.figures[name] - a.figures[name])
        .slice(0, 1)
        .map((one) => [name, one]),
    ),
  )
  return { settings: variants.length - 1, within: within.length, policy: figuresOf(policy.score), best }
}

export function randomReport({ settings, within, policy, best }: Comparison): string {
  const row = (label: string, reached: Record<FigureName, number>): string[] => [label, ...figures.map(({ name, digits }) => reached[name].toFixed(digits))]
  const rows = company.flatMap((name) => {
    const found = best[name]
    return found === undefined ? [] : [row(`best ${name} of these`, found.figures)]
  })
  const ahead = company.map((name) => `${name} ${signed(policy[name] - (best[name]?.figures[name] ?? 0))}`)
  return `${settings} random settings without budgets, ${within} of them within the budgets

${columns([['', ...figures.map(({ name }) => name)], row('the policy', policy), ...rows])}
${within === 0 ? '' : `\nthe policy less the best: ${ahead.join(', ')}\n`}`
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`
}
