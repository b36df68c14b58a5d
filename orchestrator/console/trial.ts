import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DurationMs } from '../../model/clock.ts'
import { StrataError } from '../../model/errors.ts'
import type { TrialLine } from '../../model/wire/console.ts'
import { ownScript } from '../../service/installation.ts'
import type { TrialDay } from './dayOfTrials.ts'

/** Longest trial, in ms: both runs of a large day. */
const DEADLINE_MS: DurationMs = 300_000
/** A trial gives way to everything else on the machine: the orchestrator plans meanwhile. */
const NICE = 15

export interface TrialInput {
  /** Policies of all maps in force, as YAML documents. */
  today: readonly string[]
  /** The same with the draft. */
  draft: readonly string[]
  /** Chooses the day; it may write files to the folder. */
  day(folder: string): Promise<TrialDay>
}

/**
 * Runs a day twice through the simulator, in a process of its own: with the policies in force, and with the draft. Yields the day, progress, then the scores and a plot. Throws
 * TRIAL_FAILED with what the simulator said.
 */
export async function* runTrial({ today, draft, day }: TrialInput, signal: AbortSignal): AsyncGenerator<TrialLine> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-trial-'))
  try {
    for (const [name, texts] of [
      ['today', today],
      ['draft', draft],
    ] as const) {
      await mkdir(join(folder, name))
      await Promise.all(texts.map((text, index) => writeFile(join(folder, name, `${index}.yaml`), text)))
    }
    const chosen = await day(folder)
    yield chosen.about
    const options = ['--policies', 'today', '--compare', 'draft', '--json', '--progress', '--plot', 'plot.svg', ...chosen.options]
    const stopped = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)])
    const child = spawn(process.execPath, [ownScript('simulate/main'), ...options], {
      // The plot shows the names of the folders.
      cwd: folder,
      // Nothing of this process's settings: they hold passwords.
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_OPTIONS: process.env['NODE_OPTIONS'] ?? '' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: stopped,
    })
    if (child.pid !== undefined) setPriority(child.pid, NICE)
    const ended = new Promise<number | null>((done) => {
      child.once('close', done)
      child.once('error', () => done(null))
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    let words = ''
    for await (const line of createInterface({ input: child.stderr })) {
      const [, run, percent] = /^progress (today|draft) (\d+)$/.exec(line) ?? []
      if (percent === undefined) words = line
      else yield { type: 'progress', run: run as 'today' | 'draft', percent: Number(percent) } // the pattern allows no other
    }
    const code = await ended
    if (stopped.aborted) throw new StrataError('TRIAL_FAILED', { problem: `it took longer than ${DEADLINE_MS / 1000} s` })
    if (code !== 0) throw new StrataError('TRIAL_FAILED', { problem: words || `the simulator ended with ${code}` })
    yield { type: 'result', scores: JSON.parse(output), plot: await readFile(join(folder, 'plot.svg'), 'utf8') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
