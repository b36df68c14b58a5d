import { createWriteStream, type WriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { StrataError } from '../../../model/errors.ts'
import { parseDuration } from '../../../model/policy/units.ts'
import { backoffMs } from '../../../model/retry/backoff.ts'
import type { ImportResult } from '../../../model/wire/studio.ts'
import { aboveZero, durationOption } from '../../../service/terminal/options.ts'
import { type CliContext, Refused } from '../../context.ts'
import { type Piece, piecesOf, sendPiece } from '../../import/importFile.ts'
import { ImportProgress } from '../../import/importProgress.ts'
import { type Service, unreachable } from '../../service.ts'
import { bearerToken, findService, httpUrl, unreadable } from '../../services.ts'

interface ImportOptions {
  from: number
  patience: string
  matchmaker?: string
  tokenFile?: string
}

/** Pause before a request is repeated, in ms. */
const RETRY = { firstMs: 500, maxMs: 10_000 }

const HELP = `
FILE has one JSON object a line: accounts, guilds, characters, friendships, blocks (docs/how-to/studio-backend.md). Refused lines go to FILE.refused.ndjson,
each with its number and the reason. The same file again changes nothing.

The token needs the scopes players:write and social:write. Exit codes: 0 all lines applied, 1 some were refused, 3 the matchmaker does not answer;
then the command prints the --from that goes on.`

export function importCommand(strata: Command, context: CliContext): void {
  strata
    .command('import')
    .description("writes a studio's accounts, characters, guilds, friendships and blocks from a file")
    .argument('<file>', 'NDJSON file')
    .option('--from <line>', 'number of the first line to send', aboveZero, 1)
    .option('--patience <duration>', 'how long to wait for a matchmaker that does not answer', durationOption, '2m')
    .option('--matchmaker <url>', 'address of the matchmaker', httpUrl)
    .option('--token-file <file>', 'file with a service token (or STRATA_TOKEN, OPERATOR_TOKEN)')
    .addHelpText('after', HELP)
    .action(async (name: string, options: ImportOptions) => {
      const file = resolve(context.folder, name)
      const { size } = await stat(file).catch(unreadable(name))
      const service = await findService('matchmaker', options.matchmaker, context)
      const token = await bearerToken(service, options.tokenFile, context)
      const progress = new ImportProgress(context, { bytes: size, from: options.from })
      const refusals = new Refusals(`${file}.refused.ndjson`, options.from > 1)
      try {
        for await (const piece of piecesOf(file, options.from)) {
          await sendAll(piece, { service, token, progress, refusals, patienceMs: parseDuration(options.patience) }, context)
        }
      } catch (error) {
        progress.stop()
        context.problems.write(`strata: stopped; go on with: strata import ${name} --from ${progress.next}\n`)
        throw error
      } finally {
        await refusals.close()
      }
      progress.done()
      if (refusals.count === 0) return
      context.problems.write(`strata: ${refusals.count} lines were refused; ${name}.refused.ndjson has them with their reasons\n`)
      throw new Refused()
    })
}

interface Sending {
  service: Service
  token: string | undefined
  progress: ImportProgress
  refusals: Refusals
  patienceMs: number
}

/** Sends a piece, and what is left of it after each cut, until all its lines have a result or the patience ends. */
async function sendAll(piece: Piece, { service, token, progress, refusals, patienceMs }: Sending, context: CliContext): Promise<void> {
  const after = piece.from + piece.lines.length
  let [next, failures, since] = [piece.from, 0, context.now()]
  const onResult = (result: ImportResult): void => {
    const content = piece.lines[result.line - piece.from]
    if (!result.ok) refusals.add(result, content?.toString() ?? '')
    next = result.line + 1
    progress.add(result, content?.length ?? 0)
  }
  while (next < after) {
    const before = next
    let problem = 'the connection broke'
    try {
      const left = { from: next, lines: piece.lines.slice(next - piece.from) }
      const end = await sendPiece(left, { service, token, signal: context.signal, onResult })
      if (end !== undefined) {
        next = end.next
        progress.reached(next)
        if (end.stopped === undefined) return
        problem = end.stopped.message
        if (!end.stopped.retryable) throw unreachable(service, problem)
      }
    } catch (error) {
      if (!(error instanceof StrataError) || !error.row.retryable) throw error
      problem = error.message
    }
    if (next > before) [failures, since] = [0, context.now()]
    if (context.now() - since >= patienceMs) throw unreachable(service, problem)
    progress.waiting(problem)
    await pause(backoffMs(RETRY, ++failures), undefined, { signal: context.signal })
  }
}

/** FILE.refused.ndjson. A run that goes on adds to it; a run from line 1 replaces it. */
class Refusals {
  readonly #file: string
  readonly #append: boolean
  #stream: WriteStream | undefined
  count = 0

  constructor(file: string, append: boolean) {
    this.#file = file
    this.#append = append
  }

  add({ line, code, message }: Extract<ImportResult, { ok: false }>, content: string): void {
    this.#stream ??= createWriteStream(this.#file, { flags: this.#append ? 'a' : 'w' })
    this.#stream.write(`${JSON.stringify({ line, code, message, content })}\n`)
    this.count++
  }

  async close(): Promise<void> {
    if (this.#stream === undefined) return this.#append ? undefined : rm(this.#file, { force: true })
    this.#stream.end()
    await finished(this.#stream)
  }
}
