import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A figure of one run, or the lowest and the highest of several. */
const figure = z.union([z.number(), z.tuple([z.number(), z.number()])])

/** One file of docs/figures: figures by their names in the JSON report of the command. */
const measurement = z.strictObject({
  title: z.string(),
  about: z.string(),
  command: z.string(),
  date: z.string(),
  machine: z.string(),
  figures: z.record(z.string(), z.strictObject({ meaning: z.string(), aim: z.string().optional() })),
  runs: z.array(z.strictObject({ name: z.string(), report: z.record(z.string(), figure) })).min(1),
})
export type Measurement = z.infer<typeof measurement>

const folder = join(import.meta.dirname, '../../docs/figures')

/** docs/reference/figures.md: a section for each file of docs/figures. */
export function figuresReference(): string {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const sections = files.sort().map((file) => figuresSection(measurement.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))))
  return `# Measured figures

<!-- Made by npm run generate from docs/figures/*.json; do not edit. -->

Figures are named as in the JSON report of the command. To measure again, run the command, put the figures of its report into the file in
\`docs/figures/\` with the date and the machine, and run \`npm run generate\`.

${sections.join('\n')}`
}

/** A row for each figure, a column for each run. Throws when a run has a figure that the file does not explain. */
export function figuresSection({ title, about, command, date, machine, figures, runs }: Measurement): string {
  const unknown = runs.flatMap(({ report }) => Object.keys(report)).filter((name) => !(name in figures))
  if (unknown.length > 0) throw new Error(`${title}: the figures ${unknown.join(', ')} have no meaning`)
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rows = Object.entries(figures).map(([name, { meaning, aim = '' }]) =>
    row([`\`${name}\``, meaning, ...runs.map(({ report }) => written(report[name])), aim]),
  )
  const head = ['figure', 'meaning', ...runs.map(({ name }) => name), 'aim']
  return `## ${title}

${about}

\`${command}\`, ${date}, ${machine}.

${[row(head), row(head.map(() => '---')), ...rows].join('\n')}
`
}

function written(value: z.infer<typeof figure> | undefined): string {
  return value === undefined ? '' : Array.isArray(value) ? value.join(' to ') : String(value)
}
