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
  /** Called with what has to stop when the command has ended; `runCli` provides it. */
  onEnd?: (stop: () => void) => void
}

/** Exit codes, which scripts may rely on; `strata --help` and docs/reference/cli.md list them. */
export const exitCodes = {
  done: { code: 0, meaning: 'done' },
  refused: { code: 1, meaning: 'refused or problems found' },
  wrongUse: { code: 2, meaning: 'wrong use' },
  unreachable: { code: 3, meaning: 'the service does not answer' },
  interrupted: { code: 130, meaning: 'ended by Ctrl-C' },
} as const
export const exitCode = {
  done: exitCodes.done.code,
  refused: exitCodes.refused.code,
  wrongUse: exitCodes.wrongUse.code,
  unreachable: exitCodes.unreachable.code,
  interrupted: exitCodes.interrupted.code,
} as const

/** Ends a command with exit code 1 after it has printed its own message. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
