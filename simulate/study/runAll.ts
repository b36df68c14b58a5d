import { type ChildProcess, fork } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Options } from '../options.ts'
import type { Variant } from './variant.ts'
import type { Ran, ToWorker } from './worker.ts'

/** The runs of a study, in the order of `variants`. */
export type Runs = readonly Omit<Ran, 'index'>[]

/**
 * Runs the day once for each variant, `options.jobs` at a time, each in a process. Runs that `options.results` has are not repeated. `progress` gets the number
 * of finished runs. Rejects when a worker ends early.
 */
export async function runAll(options: Options, variants: readonly Variant[], progress: (done: number) => void): Promise<Runs> {
  const known = readResults(options.results)
  const runs: Omit<Ran, 'index'>[] = []
  const keys = variants.map((variant) => keyOf(options, variant))
  keys.forEach((key, index) => {
    const run = known.get(key)
    if (run !== undefined) runs[index] = run
  })
  const open = variants.flatMap((_, index) => (runs[index] === undefined ? [index] : []))
  let done = variants.length - open.length
  progress(done)
  const finished = ({ index, ...run }: Ran): void => {
    runs[index] = run
    if (options.results !== undefined) appendFileSync(options.results, `${JSON.stringify({ key: keys[index], run })}\n`)
    progress(++done)
  }
  const workers = Array.from({ length: Math.min(options.jobs, open.length) }, () => fork(new URL('./worker.ts', import.meta.url)))
  try {
    await Promise.all(workers.map((worker) => work(worker, { options, next: () => open.shift(), variants, finished })))
  } finally {
    for (const worker of workers) worker.kill()
  }
  return runs
}

interface Work {
  options: Options
  next: () => number | undefined
  variants: readonly Variant[]
  finished: (ran: Ran) => void
}

/** Gives one worker a run after the other until none is left. */
function work(worker: ChildProcess, { options, next, variants, finished }: Work): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = (message: ToWorker): void => void worker.send(message)
    const give = (): void => {
      const index = next()
      const variant = index === undefined ? undefined : variants[index]
      if (index === undefined || variant === undefined) resolve()
      else send({ index, variant })
    }
    worker.on('message', (ran: Ran) => {
      finished(ran)
      give()
    })
    worker.on('error', reject)
    worker.on('exit', (code, signal) => reject(new Error(`a worker of the study ended with ${code ?? signal}; its message is above`)))
    send({ options })
    give()
  })
}

/** What decides the result of a run: the day, how it is run, and the variant. */
function keyOf(
  { trace, zones, derive, generate, players, realms, maps, factors, policies, code, placer, bootSeconds, planSeconds, warmUpSeconds, seed }: Options,
  variant: Variant,
): string {
  const day = generate === undefined ? { trace, zones, derive } : { generate, players, realms, maps, factors, seed }
  return JSON.stringify({ ...day, policies, code, placer, bootSeconds, planSeconds, warmUpSeconds, variant })
}

/** Reads the finished runs. A last line that was cut off when the study was killed is removed, and its run is repeated. */
function readResults(file: string | undefined): Map<string, Omit<Ran, 'index'>> {
  if (file === undefined || !existsSync(file)) return new Map()
  const text = readFileSync(file, 'utf8')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole.length < text.length) writeFileSync(file, whole)
  const lines = whole.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const { key, run } = JSON.parse(line) as { key: string; run: Omit<Ran, 'index'> } // written by `runAll`
      return [key, run]
    }),
  )
}
