import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CliContext } from '../../cli/context.ts'
import { runCli } from '../../cli/program.ts'
import { gameFolder } from '../../service/installation.ts'

/** Exit code and output of one `strata …` command. */
export interface CliResult {
  code: number
  out: string
  problems: string
}

/** Runs a command without the state folder of an earlier `npm start`. */
export async function strata(args: readonly string[], more: Partial<CliContext> & { seen?: (out: string) => void } = {}): Promise<CliResult> {
  const result: CliResult = { code: -1, out: '', problems: '' }
  const { seen, environment, ...rest } = more
  const out = {
    write: (text: string): boolean => {
      result.out += text
      seen?.(result.out)
      return true
    },
  } as NodeJS.WritableStream // commands only write to it
  result.code = await runCli(args, {
    environment: { STRATA_STATE: join(tmpdir(), 'strata-nobody-started'), ...environment },
    folder: gameFolder,
    root: gameFolder,
    out,
    problems: { write: (text) => (result.problems += text) },
    color: false,
    columns: 120,
    signal: new AbortController().signal,
    now: Date.now,
    ...rest,
  })
  return result
}

export function scratchFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'strata-cli-'))
}
