import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Instant } from '../../../model/clock.ts'
import { StrataError } from '../../../model/errors.ts'
import { durationText, parseDuration } from '../../../model/policy/units.ts'
import { recordingAnswer } from '../../../model/wire/recording.ts'
import type { CliContext } from '../../context.ts'
import { duration } from '../../duration.ts'
import { type OrchestratorOptions, orchestratorFor, orchestratorOptions } from '../../orchestratorOptions.ts'
import { download } from '../../record/download.ts'
import { RecordingSummary } from '../../record/recordingSummary.ts'
import { count } from '../../render/status.ts'
import { table } from '../../render/table.ts'
import { bearerToken, findService } from '../../services.ts'

interface ExportOptions extends OrchestratorOptions {
  from: string
  to: string
  out?: string
  reason?: string
  json?: true
}

/** How often the progress is shown, in ms. */
const SHOW_MS = 500

const EXPORT_HELP = `
FILE is CSV (docs/reference/recording.md), compressed when its name ends with .gz; only you can read it. "npm run simulate -- --trace FILE" runs policies on it.
People are under pseudonyms, which change every week. Needs the scope "operator"; the audit log has each export.

Examples:
  strata record export --out day.csv.gz
  strata record export --from 2027-01-31T18:00Z --to 2027-01-31T23:00Z --out evening.csv.gz --reason "new capacity of the marsh"`

/** What was recorded of the population, and a copy of it. */
export function recordCommands(strata: Command, context: CliContext): void {
  const record = strata.command('record').description('the recorded population: who was on which map, under pseudonyms')

  orchestratorOptions(record.command('status').description('which times were recorded'))
    .option('--json', 'print the answer of the orchestrator')
    .action(async ({ json, ...options }: OrchestratorOptions & { json?: true }) => {
      const { request } = await orchestratorFor(options, context)
      const answer = await request({ path: '/v1/recording', answer: recordingAnswer })
      if (json === true) return void context.out.write(`${JSON.stringify(answer, undefined, 2)}\n`)
      const { on, keepMs, bytes, spans } = answer
      const rows = spans.map(({ from, until, players }) => [minute(from), minute(until), duration(until - from), `${players}`])
      const head = `Recording is ${on ? 'on' : 'off'} (RECORDING); ${(bytes / 1e6).toFixed(1)} MB, kept for ${duration(keepMs)} (RECORDING_KEEP_DAYS).`
      const lines = table([{ head: 'FROM' }, { head: 'UNTIL' }, { head: 'LENGTH' }, { head: 'MOST PLAYERS', align: 'right' }], rows)
      context.out.write(`${[head, ...(rows.length === 0 ? ['Nothing was recorded yet.'] : lines)].join('\n')}\n`)
    })

  orchestratorOptions(record.command('export').description('writes the recording of a time to a file'))
    .option('--from <time>', 'a time such as 2027-01-31T18:00Z, or how long ago', '24h')
    .option('--to <time>', 'likewise', '0s')
    .option('--out <file>', 'the file; without it the recording is printed')
    .option('--reason <text>', 'for the audit log')
    .option('--json', 'print what the file has as JSON')
    .addHelpText('after', EXPORT_HELP)
    .action(async ({ from, to, out, reason, json, ...options }: ExportOptions) => {
      const service = await findService('orchestrator', options.orchestrator, context)
      const token = await bearerToken(service, options.tokenFile, context)
      const time = { from: instantOf('--from', from, context.now()), until: instantOf('--to', to, context.now()) }
      const file = out === undefined ? undefined : resolve(context.folder, out)
      const summary = new RecordingSummary()
      const progress = progressOf(time, summary, context)
      const onPiece = (piece: Uint8Array): void => {
        summary.add(piece)
        progress.show()
      }
      await download({ service, token, body: { ...time, reason }, file, out: context.out, signal: context.signal, onPiece }).finally(progress.stop)
      if (file === undefined) return
      context.out.write(json === true ? `${JSON.stringify(await asJson(file, summary))}\n` : `${words(summary)}, written to ${out}\n`)
    })
}

function words({ spans, rows, people }: RecordingSummary): string {
  const [first, last] = [spans[0], spans.at(-1)]
  const time = first === undefined || last === undefined ? '' : ` from ${minute(first.from)} until ${minute(last.until)}`
  const gaps = spans.length > 1 ? ` with ${count(spans.length - 1, 'gap')} of ${duration(gapMs(spans))} in all` : ''
  return `${count(rows, 'stay')} of ${people === 1 ? '1 person' : `${people} people`}${time}${gaps}`
}

async function asJson(file: string, { spans, rows, people }: RecordingSummary): Promise<object> {
  const [from, until] = [spans[0]?.from, spans.at(-1)?.until].map((at) => (at === undefined ? null : new Date(at).toISOString()))
  return { file, from, until, rows, people, spans: spans.length, gapSeconds: gapMs(spans) / 1000, bytes: (await stat(file)).size }
}

function gapMs(spans: RecordingSummary['spans']): number {
  return spans.reduce((sum, { from }, index) => sum + from - (spans[index - 1]?.until ?? from), 0)
}

/** A line on stderr that shows how far the export is: on a terminal only, because a file has no use for it. */
function progressOf({ from, until }: { from: Instant; until: Instant }, summary: RecordingSummary, context: CliContext): { show(): void; stop(): void } {
  const terminal = context.out.isTTY === true
  let shown = context.now()
  return {
    show() {
      if (!terminal || context.now() - shown < SHOW_MS) return
      shown = context.now()
      const percent = Math.floor((100 * Math.max(0, summary.reached - from)) / (until - from))
      context.problems.write(`\r\x1b[K${percent} %: ${count(summary.rows, 'stay')} until ${minute(summary.reached)}`)
    },
    stop() {
      if (terminal) context.problems.write('\r\x1b[K')
    },
  }
}

function minute(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function instantOf(option: string, text: string, now: Instant): Instant {
  if (durationText.safeParse(text).success) return now - parseDuration(text)
  const at = Date.parse(text)
  if (Number.isNaN(at) || at < 0)
    throw new StrataError('SETTING_INVALID', {
      setting: option,
      problem: `"${text}" is neither a time such as 2027-01-31T18:00Z nor how long ago, such as 24h`,
    })
  return at
}
