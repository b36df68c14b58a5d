import type { Command } from 'commander'
import { createTwoFilesPatch } from 'diff'
import { stringify } from 'yaml'
import type { MapName } from '../../../model/ids.ts'
import { formatProblem } from '../../../model/policy/parse.ts'
import { policiesResponse } from '../../../model/wire/world.ts'
import { painter } from '../../../service/terminal/paint.ts'
import { type CliContext, Refused } from '../../context.ts'
import { lintFiles } from '../../lint/lintFiles.ts'
import { type OrchestratorOptions, orchestratorFor, orchestratorOptions } from '../../orchestratorOptions.ts'

type Policy = Record<string, unknown> & { map: MapName; version: string }

export function diffCommand(strata: Command, context: CliContext): void {
  const command = strata
    .command('diff')
    .description('compares policies in files with those in force, with all defaults filled in')
    .argument('[paths...]', 'files, or folders with .yaml files', ['fleets'])
    .addHelpText('after', '\nExits with 1 when anything differs, as diff does.\n\nExamples:\n  strata diff\n  strata diff drafts/forest.yaml')
  orchestratorOptions(command).action(async (paths: string[], options: OrchestratorOptions) => {
    const files = await lintFiles(paths, context.folder)
    const problems = files.flatMap((file) => file.problems)
    for (const problem of problems) context.problems.write(`${formatProblem(problem)}\n`)
    if (problems.length > 0) throw new Refused()
    const { request } = await orchestratorFor(options, context)
    const inForce = new Map(
      (await request({ path: '/v1/policies', answer: policiesResponse })).policies.map((policy): [string, Policy] => [policy.map, policy]),
    )
    let differing = 0
    for (const { file, policies } of files) {
      for (const policy of policies) {
        const draft: Policy = { ...(JSON.parse(JSON.stringify(policy)) as Policy) } // as it would come over HTTP
        const patch = difference(inForce.get(draft.map), draft, file)
        if (patch === undefined) continue
        differing++
        context.out.write(painted(patch, context))
      }
    }
    if (differing > 0) throw new Refused()
    context.out.write('no difference\n')
  })
}

/** A unified diff of two policies as YAML; undefined when both say the same. The version of a policy is a hash of its text and counts only as a title. */
function difference(inForce: Policy | undefined, draft: Policy, file: string): string | undefined {
  const [before, after] = [inForce === undefined ? '' : yaml(inForce), yaml(draft)]
  if (before === after) return undefined
  const from = inForce === undefined ? 'no policy in force' : `${draft.map} in force`
  return createTwoFilesPatch(from, file, before, after, inForce?.version ?? '', draft.version, { context: 3 })
    .split('\n')
    .slice(1)
    .join('\n')
}

function yaml({ version: _, ...policy }: Policy): string {
  return stringify(policy, { sortMapEntries: true, lineWidth: 0 })
}

function painted(patch: string, { color }: CliContext): string {
  const paint = painter(color)
  return patch
    .split('\n')
    .map((line) => (line.startsWith('+') ? paint('green', line) : line.startsWith('-') ? paint('red', line) : line))
    .join('\n')
}
