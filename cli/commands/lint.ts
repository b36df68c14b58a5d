import type { Command } from 'commander'
import { formatProblem } from '../../model/policy/parse.ts'
import { lintFiles } from '../lint/lintFiles.ts'
import { painter } from '../render/paint.ts'
import { count } from '../render/status.ts'
import { Refused, type Surroundings } from '../surroundings.ts'

export function lintCommand(strata: Command, here: Surroundings): void {
  strata
    .command('lint')
    .description('checks map policies and Fleet manifests: every mistake with its place and what to write instead')
    .argument('[paths...]', 'files, or folders with .yaml files', ['fleets'])
    .option('--json', 'policies and problems as JSON')
    .addHelpText(
      'after',
      '\nExits with 1 when there is a mistake.\n\nExamples:\n  strata lint\n  strata lint fleets/forest.yaml\n  strata lint drafts/ fleets/overworld.fleet.yaml',
    )
    .action(async (paths: string[], { json }: { json?: true }) => {
      const files = await lintFiles(paths, here.folder)
      const problems = files.flatMap((file) => file.problems)
      const policies = files.flatMap((file) => file.policies.map(({ map, version }) => ({ map, version, file: file.file })))
      const fleets = files.flatMap((file) => file.fleets)
      if (json === true) here.out.write(`${JSON.stringify({ problems, policies, fleets }, undefined, 2)}\n`)
      else {
        for (const problem of problems) here.out.write(`${formatProblem(problem)}\n`)
        const paint = painter(here.color)
        const good = `${count(policies.length, 'policy', 'policies')} and ${count(fleets.length, 'Fleet')} in ${count(files.length, 'file')} are good`
        if (problems.length === 0) here.out.write(`${paint('green', '✓')} ${good}\n`)
        else here.out.write(`${paint('red', `${count(problems.length, 'mistake')}`)}\n`)
      }
      if (problems.length > 0) throw new Refused()
    })
}
