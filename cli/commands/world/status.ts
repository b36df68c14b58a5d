import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { createLogUpdate } from 'log-update'
import { StrataError } from '../../../model/errors.ts'
import { type StatusResponse, statusResponse } from '../../../model/wire/admin.ts'
import { fitRows } from '../../../service/terminal/fitRows.ts'
import { aboveZero } from '../../../service/terminal/options.ts'
import { painter } from '../../../service/terminal/paint.ts'
import { ask } from '../../ask.ts'
import type { CliContext } from '../../context.ts'
import { renderStatus } from '../../render/status.ts'
import type { Service } from '../../service.ts'
import { findService, httpUrl } from '../../services.ts'

interface StatusOptions {
  orchestrator?: string
  json?: true
  watch?: true | number
}

/** Default of --watch, in seconds. */
const WATCH_EVERY_S = 1
/** Text after the number of lines that do not fit the terminal. */
const OMITTED = 'lines: enlarge the window, or leave out --watch'

export function statusCommand(strata: Command, context: CliContext): void {
  strata
    .command('status')
    .description('shows maps with their copies, servers and totals')
    .option('--watch [seconds]', 'repeat until Ctrl-C, at this interval (default: 1)', aboveZero)
    .option('--json', 'print the answer of the orchestrator; with --watch one line per answer')
    .option('--orchestrator <url>', 'address of the orchestrator', httpUrl)
    .addHelpText('after', '\nExamples:\n  strata status\n  strata status --watch 5\n  strata status --json | jq \'.copies[] | select(.state == "closing")\'')
    .action(async (options: StatusOptions) => {
      const service = await findService('orchestrator', options.orchestrator, context)
      if (options.watch === undefined) context.out.write(text(await statusOf(service, context), service, options, context))
      else await watch(service, options, context)
    })
}

export function statusOf(service: Service, { signal }: CliContext): Promise<StatusResponse> {
  return ask(service, { path: '/v1/status', answer: statusResponse, signal })
}

/** Repeats the status. Only the first request must succeed, so that an operator can watch an orchestrator restart. */
async function watch(service: Service, options: StatusOptions, context: CliContext): Promise<void> {
  const everyMs = (options.watch === true || options.watch === undefined ? WATCH_EVERY_S : options.watch) * 1000
  const inPlace = context.out.isTTY === true && options.json === undefined
  const update = inPlace ? createLogUpdate(context.out) : undefined
  const show = (content: string): unknown =>
    update === undefined ? context.out.write(content) : update(fitRows(content.trimEnd().split('\n'), context.out.rows, OMITTED).join('\n'))
  show(text(await statusOf(service, context), service, options, context))
  for (;;) {
    try {
      await pause(everyMs, undefined, { signal: context.signal })
      show(text(await statusOf(service, context), service, options, context))
    } catch (error) {
      if (context.signal.aborted) return update?.done()
      if (!(error instanceof StrataError)) throw error
      if (options.json === undefined) show(`${painter(context.color)('yellow', error.message)}\n`)
      else context.problems.write(`${error.message}\n`)
    }
  }
}

function text(status: StatusResponse, service: Service, { json, watch }: StatusOptions, { color, columns }: CliContext): string {
  if (json === true) return `${JSON.stringify(status, undefined, watch === undefined ? 2 : undefined)}\n`
  return `${renderStatus(status, service.url, { paint: painter(color), columns }).join('\n')}\n${watch === undefined ? '' : '\n'}`
}
