import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect } from 'vitest'
import '../fastCheckSeed.ts'

/** Inputs that failed once. They are JSON, so each is tried again in each run. */
const corpusFolder = new URL('corpus/', import.meta.url)
/** A long run by hand (`npm run fuzz -- --minutes M`) sets the time that each target gets. Without it a target gets a number of inputs. */
const minutes = Number(process.env['FUZZ_MINUTES'] ?? 0)
/** Longest time of one target in a usual run, in ms: a slow machine tries fewer inputs, and the suite keeps its budget. */
const BUDGET_MS = 10_000
/** Beyond the budget, for the last input and the start of the target. */
const MARGIN_MS = 120_000

/** Time limit of a fuzz test, for vitest. */
export const timeout = Math.max(BUDGET_MS, minutes * 60_000) + MARGIN_MS

/**
 * Feeds `count` inputs to `check`, those of the corpus first. Inputs are JSON values. A long run goes on until its time is over, with another seed each
 * time, and writes an input that failed to the corpus.
 */
export async function fuzz<Input>(target: string, inputs: fc.Arbitrary<Input>, count: number, check: (input: Input) => Promise<void> | void): Promise<void> {
  const file = new URL(`${target}.json`, corpusFolder)
  const corpus = JSON.parse(readFileSync(file, 'utf8')) as Input[] // written below, or by hand
  const parameters: fc.Parameters<[Input]> = {
    examples: corpus.map((input): [Input] => [input]),
    numRuns: minutes > 0 ? Number.MAX_SAFE_INTEGER : count + corpus.length,
    interruptAfterTimeLimit: minutes > 0 ? minutes * 60_000 : BUDGET_MS,
    markInterruptAsFailure: false,
    ...(minutes > 0 ? { seed: Date.now() % 2 ** 31 } : {}),
  }
  const result = await fc.check(
    fc.asyncProperty(inputs, async (input) => check(input)),
    parameters,
  )
  if (minutes > 0) {
    process.stdout.write(`${target}: ${result.numRuns} inputs, seed ${result.seed}\n`)
    const [failed] = result.counterexample ?? []
    if (failed !== undefined) writeFileSync(file, `${JSON.stringify([...corpus, failed], undefined, 2)}\n`)
  }
  expect(result.numRuns, 'inputs tried').toBeGreaterThanOrEqual(corpus.length)
  if (result.failed) throw new Error(fc.defaultReportMessage(result), { cause: result.errorInstance })
}

/** Bytes as a list of numbers, so that they are JSON. */
export const bytes = (maxLength: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 0, max: 255 }), { maxLength })

/** Texts with the characters that separate, quote and end something somewhere, besides ordinary ones. */
export const roughText = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 4 }), fc.constantFrom(...separators)), { maxLength }).map((parts) => parts.join(''))
const separators = [
  '\0',
  '\n',
  '\r',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '%',
  '%z',
  '..',
  '/',
  '__proto__',
  '$1',
  '\ud800',
  '\u202e',
  'null',
  '1e999',
  'é',
  '😀',
]
