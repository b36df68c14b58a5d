import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Options, Study } from '../options.ts'
import { againstRandom, randomReport, randomVariants } from './againstRandom.ts'
import { frontierOf, frontierReport, frontierVariants } from './frontier.ts'
import { plotFrontier } from './plotFrontier.ts'
import { runAll } from './runAll.ts'
import { sensitivityOf, sensitivityReport, sensitivityVariants } from './sensitivity.ts'
import type { Variant } from './variant.ts'

/** Runs one day many times and prints a table, or one JSON object. */
export async function runStudy(options: Options, study: Study): Promise<void> {
  const { report, json } = await outcomeOf(options, study)
  process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : report)
}

async function outcomeOf(options: Options, study: Study): Promise<{ report: string; json: object }> {
  const run = (variants: readonly Variant[]) => runAll(options, variants, progressOf(variants.length))
  switch (study.kind) {
    case 'frontier': {
      const variants = frontierVariants(study.budget, options.seed)
      const points = frontierOf(study.budget, variants, await run(variants))
      if (options.plot !== undefined) await writeFile(options.plot, plotFrontier(study.budget, points, dayName(options)))
      return { report: frontierReport(study.budget, points, options.plot), json: { ...about(options), budget: study.budget, points } }
    }
    case 'sensitivity': {
      const variants = sensitivityVariants(options.seed)
      const rows = sensitivityOf(variants, await run(variants))
      return { report: sensitivityReport(rows), json: { ...about(options), ...rows } }
    }
    case 'random': {
      const variants = randomVariants(study.settings, options.seed)
      const result = againstRandom(variants, await run(variants))
      return { report: randomReport(result), json: { ...about(options), ...result } }
    }
  }
}

function about(options: Options): object {
  return { day: dayName(options), seed: options.seed, date: new Date().toISOString().slice(0, 10) }
}

/** The file's name without its folder: pictures and reports are passed on. */
export function dayName({ generate, derive, trace = '', seed }: Pick<Options, 'generate' | 'derive' | 'trace' | 'seed'>): string {
  return generate === undefined ? `${derive ?? 'as recorded'} (${basename(trace)}), seed ${seed}` : `generated ${generate}, seed ${seed}`
}

/** Shows the finished runs and the time that is left; as lines where stderr is no terminal. */
function progressOf(total: number): (done: number) => void {
  const began = performance.now()
  let [first, minutes] = [-1, 0]
  return (done) => {
    if (first < 0) first = done
    minutes = done === first ? 0 : (((performance.now() - began) / (done - first)) * (total - done)) / 60_000
    const left = done === first ? '' : `, ${Math.ceil(minutes)} min left`
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${done} of ${total} runs${left}${done === total ? '\n' : ''}` : `${done} of ${total} runs${left}\n`)
  }
}
