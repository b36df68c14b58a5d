import { CONSTANTS, type ConstantName, constantNames, constantTable } from '../../score/constants.ts'
import { columns, type FigureName, figures, figuresOf } from './figures.ts'
import type { Runs } from './runAll.ts'
import type { Variant } from './variant.ts'

/** Seeds of the shipped constants: their spread is the noise. */
const SEEDS = 5
/** A change below this many standard deviations of the seeds is noise. */
const NOISE_DEVIATIONS = 2
const FACTORS = [0.5, 2]

type Figures = Record<FigureName, number>

export interface Sensitivity {
  shipped: Figures
  /** Standard deviation over the seeds. */
  noise: Figures
  /** For each constant the change of each figure when it is halved and doubled. */
  changes: { constant: ConstantName; halved: Figures; doubled: Figures }[]
}

/** First the shipped constants with each seed, then each constant halved and doubled. */
export function sensitivityVariants(seed: number): Variant[] {
  const seeds = Array.from({ length: SEEDS }, (_, n): Variant => ({ seed: seed + n }))
  return [...seeds, ...constantNames.flatMap((name) => FACTORS.map((factor): Variant => ({ seed, constants: { [name]: scaled(CONSTANTS[name], factor) } })))]
}

/** Whole numbers stay whole, because some of them count copies. */
function scaled(value: number, factor: number): number {
  return Number.isInteger(value) && value > 1 ? Math.max(1, Math.round(value * factor)) : value * factor
}

export function sensitivityOf(variants: readonly Variant[], runs: Runs): Sensitivity {
  const all = runs.slice(0, variants.length).map(({ score }) => figuresOf(score))
  const seeds = all.slice(0, SEEDS)
  const [shipped] = seeds
  if (shipped === undefined) throw new Error('a study of constants has at least one run')
  const each = (of: (name: FigureName) => number): Figures => Object.fromEntries(figures.map(({ name }) => [name, of(name)])) as Figures // one entry per name
  const noise = each((name) => deviation(seeds.map((one) => one[name])))
  const changes = constantNames.map((constant, index) => {
    const [halved, doubled] = FACTORS.map((_, n) => all[SEEDS + index * FACTORS.length + n] ?? shipped)
    const change = (to: Figures = shipped) => each((name) => to[name] - shipped[name])
    return { constant, halved: change(halved), doubled: change(doubled) }
  })
  return { shipped, noise, changes }
}

export function sensitivityReport({ shipped, noise, changes }: Sensitivity): string {
  const isChange = (change: Figures): boolean => figures.some(({ name }) => Math.abs(change[name]) > NOISE_DEVIATIONS * noise[name])
  const cells = (change: Figures): string[] =>
    figures.map(({ name, digits }) => {
      const mark = Math.abs(change[name]) > NOISE_DEVIATIONS * noise[name] ? '*' : ' '
      return change[name] === 0 ? '0 ' : `${change[name] > 0 ? '+' : ''}${change[name].toFixed(digits)}${mark}`
    })
  const names = figures.map(({ name }) => name)
  const head = ['constant', 'value', '', ...names]
  const values = figures.map(({ name, digits }) => `${shipped[name].toFixed(digits)} `)
  const deviations = figures.map(({ name, digits }) => `${noise[name].toFixed(digits)} `)
  const body = changes.flatMap(({ constant, halved, doubled }) => [
    [constant, String(Number(CONSTANTS[constant].toPrecision(3))), 'x 0.5', ...cells(halved)],
    ['', constantTable[constant].unit, 'x 2', ...cells(doubled)],
  ])
  const idle = changes.filter(({ halved, doubled }) => !isChange(halved) && !isChange(doubled)).map(({ constant }) => constant)
  return `${columns([head, ['shipped', '', '', ...values], [`noise of ${SEEDS} seeds`, '', '', ...deviations], ...body])}

* more than ${NOISE_DEVIATIONS} standard deviations of the seeds
No change beyond noise (${idle.length} of ${changes.length}): ${idle.join(', ')}
`
}

/** Standard deviation of a sample. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1))
}
