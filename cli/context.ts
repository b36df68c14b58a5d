/** Everything that a command gets from its environment. Passed in, so that tests can replace it. */
export interface CliContext {
  environment: NodeJS.ProcessEnv
  /** Current folder; relative paths on the command line start here. */
  folder: string
  /** Root of the checkout, where `npm start` runs and keeps its state. */
  root: string
  out: NodeJS.WritableStream & { isTTY?: boolean; rows?: number }
  problems: { write(text: string): unknown }
  color: boolean
  columns: number
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
  now(): number
}

/** Exit codes, which scripts may rely on; `strata --help` lists them. */
export const exitCode = { done: 0, refused: 1, wrongUse: 2, unreachable: 3, interrupted: 130 } as const

/** Ends a command with exit code 1 after it has printed its own message. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
