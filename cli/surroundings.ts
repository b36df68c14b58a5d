/** All that a command knows of the world around it: passed in, so that a test is a world like any other. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv
  /** Where the command was typed: paths on the command line start here. */
  folder: string
  /** The checkout: `npm start` runs here, and keeps its state here. */
  root: string
  out: NodeJS.WritableStream & { isTTY?: boolean; rows?: number }
  problems: { write(text: string): unknown }
  color: boolean
  columns: number
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
  now(): number
}

/** What scripts may rely on; `strata --help` says the same. */
export const exitCode = { done: 0, no: 1, wrongUse: 2, nobodyAnswers: 3, interrupted: 130 } as const

/** The command has said all there is to say, and the answer is no. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
