import type { Command } from 'commander'
import { defined } from '../../../model/defined.ts'
import type { CopyId, MapName, NameOrId } from '../../../model/ids.ts'
import { closeResponse, statusResponse } from '../../../model/wire/admin.ts'
import { moveResponse, openResponse } from '../../../model/wire/world.ts'
import type { CliContext } from '../../context.ts'
import { type OrchestratorOptions, orchestratorFor, orchestratorOptions } from '../../orchestratorOptions.ts'
import { count } from '../../render/status.ts'
import { copies } from '../../resources/world.ts'
import { notFound } from '../world/get.ts'

type WithReason = OrchestratorOptions & { reason: string }

/** Orders by hand: open, close, move. `drain` has a file of its own. */
export function orderCommands(strata: Command, context: CliContext): void {
  orchestratorOptions(strata.command('open').description('opens one more copy of a map now; the plan merges it again when it is not needed'))
    .argument('<map>')
    .requiredOption('--reason <text>', 'stored with the decision')
    .addHelpText('after', '\nExample:\n  strata open forest --reason "stream starts at 20:00"')
    .action(async (map: MapName, { reason, ...options }: WithReason) => {
      const { request } = await orchestratorFor(options, context)
      const { copy, server } = await request({ path: '/v1/open', body: { map, reason }, answer: openResponse })
      context.out.write(`${copy}: opening on ${server}\n`)
    })

  orchestratorOptions(strata.command('close').description('closes copies: no new seats, and all players are moved elsewhere'))
    .argument('<copies...>', 'names as in `strata get copies`')
    .option('--reason <text>', 'stored with the decision and in the audit log')
    .addHelpText(
      'after',
      '\nThe same as `strata drain COPY`, which can also wait until it is empty.\n\nExample:\n  strata close forest-mwq3iude --reason "the event is over"',
    )
    .action(async (names: string[], { reason, ...options }: OrchestratorOptions & { reason?: string }) => {
      const { request } = await orchestratorFor(options, context)
      const known = (await request({ path: '/v1/status', answer: statusResponse })).copies.map(({ copy }) => copy)
      const wrong = names.find((name) => !known.includes(name))
      if (wrong !== undefined) throw notFound(copies, wrong, known)
      for (const copy of names) {
        const { state } = await request({ path: '/v1/close', body: defined({ copy, reason }), answer: closeResponse })
        context.out.write(`${copy}: ${state}\n`)
      }
    })

  orchestratorOptions(strata.command('move').description('moves a player with its party to another copy of the map, without a loading screen'))
    .argument('<player>', 'name or id of the character')
    .argument('<copy>', 'an open copy of the same map')
    .requiredOption('--reason <text>', 'stored with the decision')
    .addHelpText(
      'after',
      '\nA busy player is waited for until merge.deadline of the policy; then the move fails.\n\nExample:\n  strata move "Ada 1" forest-mwq3iude --reason "joins the event"',
    )
    .action(async (character: NameOrId, copy: CopyId, { reason, ...options }: WithReason) => {
      const { request } = await orchestratorFor(options, context)
      const { from, to, characters } = await request({ path: '/v1/move', body: { character, copy, reason }, answer: moveResponse })
      context.out.write(`${count(characters.length, 'player')} to move from ${from} to ${to}\n`)
    })
}
