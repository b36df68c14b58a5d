import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../cli/program.ts'
import { projectRoot } from '../../cli/projectRoot.ts'
import type { Surroundings } from '../../cli/surroundings.ts'

/** What somebody sees who types `strata …` where no `npm start` ever ran. */
export interface Typed {
  code: number
  out: string
  problems: string
}

export async function strata(args: readonly string[], more: Partial<Surroundings> & { seen?: (out: string) => void } = {}): Promise<Typed> {
  const typed: Typed = { code: -1, out: '', problems: '' }
  const { seen, environment, ...rest } = more
  const out = {
    write: (text: string): boolean => {
      typed.out += text
      seen?.(typed.out)
      return true
    },
  } as NodeJS.WritableStream // commands only write to it
  typed.code = await runCli(args, {
    environment: { STRATA_STATE: join(tmpdir(), 'strata-nobody-started'), ...environment },
    folder: projectRoot,
    root: projectRoot,
    out,
    problems: { write: (text) => (typed.problems += text) },
    color: false,
    columns: 120,
    signal: new AbortController().signal,
    now: Date.now,
    ...rest,
  })
  return typed
}

export function scratchFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'strata-cli-'))
}
