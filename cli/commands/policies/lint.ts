import { resolve } from 'node:path'
import type { Command } from 'commander'
import { formatProblem } from '../../../model/policy/parse.ts'
import { loadPlacementCode } from '../../../service/placementCode.ts'
import { painter } from '../../../service/terminal/paint.ts'
import { type CliContext, Refused } from '../../context.ts'
import { lintFiles } from '../../lint/lintFiles.ts'
import { count } from '../../render/status.ts'

export function lintCommand(strata: Command, context: CliContext): void {
  strata
    .command('lint')
    .description('checks map policies and Fleet manifests: reports every mistake with its position and what to write instead')
    .argument('[paths...]', 'files, or folders with .yaml files', ['fleets'])
    .option('--code <file>', "the game's placement code: reports signals and instance keys that it lacks")
    .option('--json', 'print policies and problems as JSON')
    .addHelpText(
      'after',
      '\nExits with 1 when there is a mistake.\n\nExamples:\n  strata lint\n  strata lint fleets/forest.yaml\n  strata lint drafts/ fleets/overworld.fleet.yaml',
    )
    .action(async (paths: string[], { json, code }: { json?: true; code?: string }) => {
      const loaded = code === undefined ? undefined : await loadPlacementCode(resolve(context.folder, code), () => {})
      const files = await lintFiles(paths, context.folder, loaded)
      const problems = files.flatMap((file) => file.problems)
      const policies = files.flatMap((file) => file.policies.map(({ map, version }) => ({ map, version, file: file.file })))
      const fleets = files.flatMap((file) => file.fleets)
      if (json === true) context.out.write(`${JSON.stringify({ problems, policies, fleets }, undefined, 2)}\n`)
      else {
        for (const problem of problems) context.out.write(`${formatProblem(problem)}\n`)
        const paint = painter(context.color)
        const good = `${count(policies.length, 'policy', 'policies')} and ${count(fleets.length, 'Fleet')} in ${count(files.length, 'file')} are good`
        if (problems.length === 0) context.out.write(`${paint('green', '✓')} ${good}\n`)
        else context.out.write(`${paint('red', `${count(problems.length, 'mistake')}`)}\n`)
      }
      if (problems.length > 0) throw new Refused()
    })
}
