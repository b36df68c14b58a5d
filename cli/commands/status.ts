import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { createLogUpdate } from 'log-update'
import { StrataError } from '../../model/errors.ts'
import { type StatusResponse, statusResponse } from '../../model/wire/admin.ts'
import { ask } from '../ask.ts'
import { fitRows } from '../render/fitRows.ts'
import { painter } from '../render/paint.ts'
import { renderStatus } from '../render/status.ts'
import { findService, httpUrl, type Service } from '../services.ts'
import type { Surroundings } from '../surroundings.ts'
import { aboveZero } from './options.ts'

interface StatusOptions {
  orchestrator?: string
  json?: true
  watch?: true | number
}

const WATCH_EVERY_S = 1

export function statusCommand(strata: Command, here: Surroundings): void {
  strata
    .command('status')
    .description('shows maps with their copies, servers and totals')
    .option('--watch [seconds]', `again and again, every second or so many seconds, until Ctrl-C`, aboveZero)
    .option('--json', 'the answer of the orchestrator; with --watch one line each')
    .option('--orchestrator <url>', 'where the orchestrator listens', httpUrl)
    .addHelpText('after', '\nExamples:\n  strata status\n  strata status --watch 5\n  strata status --json | jq \'.copies[] | select(.state == "closing")\'')
    .action(async (options: StatusOptions) => {
      const service = await findService('orchestrator', options.orchestrator, here)
      if (options.watch === undefined) here.out.write(text(await statusOf(service, here), service, options, here))
      else await watch(service, options, here)
    })
}

export function statusOf(service: Service, { signal }: Surroundings): Promise<StatusResponse> {
  return ask(service, { path: '/v1/status', answer: statusResponse, signal })
}

/** An orchestrator that restarts is what one wants to see come back: only the first answer has to be there. */
async function watch(service: Service, options: StatusOptions, here: Surroundings): Promise<void> {
  const everyMs = (options.watch === true || options.watch === undefined ? WATCH_EVERY_S : options.watch) * 1000
  const inPlace = here.out.isTTY === true && options.json === undefined
  const update = inPlace ? createLogUpdate(here.out) : undefined
  const show = (content: string): unknown =>
    update === undefined ? here.out.write(content) : update(fitRows(content.trimEnd().split('\n'), here.out.rows).join('\n'))
  show(text(await statusOf(service, here), service, options, here))
  for (;;) {
    try {
      await pause(everyMs, undefined, { signal: here.signal })
      show(text(await statusOf(service, here), service, options, here))
    } catch (error) {
      if (here.signal.aborted) return update?.done()
      if (!(error instanceof StrataError)) throw error
      if (options.json === undefined) show(`${painter(here.color)('yellow', error.message)}\n`)
      else here.problems.write(`${error.message}\n`)
    }
  }
}

function text(status: StatusResponse, service: Service, { json, watch }: StatusOptions, { color, columns }: Surroundings): string {
  if (json === true) return `${JSON.stringify(status, undefined, watch === undefined ? 2 : undefined)}\n`
  return `${renderStatus(status, service.url, { paint: painter(color), columns }).join('\n')}\n${watch === undefined ? '' : '\n'}`
}
