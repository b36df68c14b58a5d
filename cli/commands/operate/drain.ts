import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from 'commander'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CopyId, ServerId } from '../../../model/ids.ts'
import { didYouMean } from '../../../model/policy/didYouMean.ts'
import { parseDuration } from '../../../model/policy/units.ts'
import { closeResponse, drainResponse, type StatusResponse } from '../../../model/wire/admin.ts'
import { durationOption } from '../../../service/terminal/options.ts'
import { ask } from '../../ask.ts'
import { type CliContext, Refused } from '../../context.ts'
import { duration } from '../../duration.ts'
import { count } from '../../render/status.ts'
import type { Service } from '../../service.ts'
import { bearerToken, findService, httpUrl } from '../../services.ts'
import { statusOf } from '../world/status.ts'

interface DrainOptions {
  dryRun?: true
  wait?: true
  timeout: string
  orchestrator?: string
  tokenFile?: string
  reason?: string
}

type Target = { server: ServerId } | { copy: CopyId }

/** Pause between two status requests with --wait, in ms. */
const POLL_MS = 1_000

export function drainCommand(strata: Command, context: CliContext): void {
  strata
    .command('drain')
    .description('drains a server or a copy: no new seats, and all players are moved elsewhere')
    .argument('<server|copy>', 'name as in `strata status`')
    .option('--dry-run', 'only print what would be drained')
    .option('--wait', 'return when it is empty')
    .option('--timeout <duration>', 'with --wait: stop waiting after this time (the drain continues)', durationOption, '15m')
    .option('--reason <text>', 'stored in the audit log')
    .option('--orchestrator <url>', 'address of the orchestrator', httpUrl)
    .option('--token-file <file>', "file with the operator's token or a service token (or STRATA_TOKEN, OPERATOR_TOKEN)")
    .addHelpText(
      'after',
      '\nExamples:\n  strata drain overworld-zmfbx-s28xs --dry-run\n  strata drain overworld-zmfbx-s28xs --wait && kubectl cordon …\n  strata drain forest-mwq3iude',
    )
    .action(async (name: string, options: DrainOptions) => {
      const service = await findService('orchestrator', options.orchestrator, context)
      const status = await statusOf(service, context)
      const target = targetNamed(name, status)
      const { copies, players } = remaining(status, target)
      const population = `${count(players, 'player')} in ${count(copies, 'copy', 'copies')}`
      if (options.dryRun === true) return void context.out.write(`${name}: ${population} would be moved elsewhere\n`)
      await order(service, defined({ ...target, reason: options.reason }), await bearerToken(service, options.tokenFile, context), context)
      context.out.write(`${name}: draining; ${population} to move elsewhere\n`)
      if (options.wait === true) await untilEmpty(service, { name, target, timeoutMs: parseDuration(options.timeout) }, context)
    })
}

function targetNamed(name: string, { servers, copies }: StatusResponse): Target {
  if (servers.some(({ id }) => id === name)) return { server: name }
  if (copies.some(({ copy }) => copy === name)) return { copy: name }
  const names = [...servers.map(({ id }) => id), ...copies.map(({ copy }) => copy)]
  const near = didYouMean(name, names)
  throw new StrataError('TARGET_UNKNOWN', { name, hint: near.includes('did you mean') ? near : '; "strata status" lists them.' })
}

async function order(service: Service, target: Target & { reason?: string }, token: string | undefined, { signal }: CliContext): Promise<void> {
  if ('server' in target) {
    await ask(service, { path: '/v1/drain', body: target, answer: drainResponse, token, signal })
  } else await ask(service, { path: '/v1/close', body: target, answer: closeResponse, token, signal })
}

/** What is left on the target. Held seats count as well: after "empty" an operator may turn the machine off. */
function remaining({ copies }: StatusResponse, target: Target): { copies: number; players: number; seats: number } {
  const own = copies.filter((copy) => ('server' in target ? copy.server === target.server : copy.copy === target.copy))
  const [players, held] = [own.reduce((sum, copy) => sum + copy.players, 0), own.reduce((sum, copy) => sum + copy.held, 0)]
  return { copies: own.length, players, seats: players + held }
}

async function untilEmpty(
  service: Service,
  { name, target, timeoutMs }: { name: string; target: Target; timeoutMs: number },
  context: CliContext,
): Promise<void> {
  const started = context.now()
  let lastLine = ''
  for (;;) {
    const left = remaining(await statusOf(service, context), target)
    const took = context.now() - started
    if (left.copies === 0) return void context.out.write(`${name}: empty after ${duration(took)}\n`)
    if (took >= timeoutMs) {
      context.problems.write(`strata: ${name} is not empty after ${duration(took)}: ${count(left.players, 'player')} left; the drain continues\n`)
      throw new Refused()
    }
    const line = `${name}: ${count(left.players, 'player')} in ${count(left.copies, 'copy', 'copies')} left\n`
    if (line !== lastLine) context.out.write(line)
    lastLine = line
    await pause(POLL_MS, undefined, { signal: context.signal })
  }
}
