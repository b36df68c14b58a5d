import { Argument, type Command } from 'commander'
import { statusResponse } from '../../../model/wire/admin.ts'
import { wholeNumber } from '../../../service/terminal/options.ts'
import type { CliContext } from '../../context.ts'
import { type OrchestratorOptions, orchestratorFor, orchestratorOptions } from '../../orchestratorOptions.ts'
import { renderTopCopies, renderTopServers } from '../../render/top.ts'

const kinds = ['copies', 'servers'] as const

export function topCommand(strata: Command, context: CliContext): void {
  const command = strata
    .command('top')
    .description('lists copies or servers by load, the fullest first')
    .addArgument(new Argument('[kind]').choices(kinds).default('copies'))
    .option('-n, --rows <n>', 'number of rows', wholeNumber, 20)
    .addHelpText('after', '\nThe load is the share of the hard cap that is held or taken.\n\nExamples:\n  strata top\n  strata top servers -n 5')
  orchestratorOptions(command).action(async (kind: (typeof kinds)[number], { rows, ...options }: OrchestratorOptions & { rows: number }) => {
    const { request } = await orchestratorFor(options, context)
    const status = await request({ path: '/v1/status', answer: statusResponse })
    const lines = kind === 'copies' ? renderTopCopies(status, rows) : renderTopServers(status, rows)
    context.out.write(`${lines.join('\n')}\n`)
  })
}
