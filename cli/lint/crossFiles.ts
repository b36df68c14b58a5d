import { didYouMean } from '../../model/policy/didYouMean.ts'
import type { PolicyProblem } from '../../model/policy/parse.ts'
import { fleetsOf, type MapPolicy } from '../../model/policy/policy.ts'
import { positionOf } from './positionOf.ts'

export interface LintedFile {
  file: string
  text: string
  policies: MapPolicy[]
  fleets: string[]
  problems: PolicyProblem[]
}

type Path = readonly (string | number)[]

/**
 * Finds mistakes that involve several files: duplicate maps or fleets, and fleets or neighbours that do not exist. Fleets may be in another
 * folder, and policies may be checked one by one. An unknown fleet is therefore a mistake only if the files contain any Fleet, and an unknown
 * neighbour only if they contain several maps.
 */
export function crossFileProblems(files: readonly LintedFile[]): PolicyProblem[] {
  const problems: PolicyProblem[] = []
  const fleets = files.flatMap((file) => file.fleets)
  // A map whose policy is broken still counts as existing.
  const maps = [...new Set(files.flatMap(({ policies, problems }) => [...policies.map(({ map }) => map), ...problems.flatMap(({ map }) => map ?? [])]))]
  const seen = new Map<string, string>()
  for (const file of files) {
    const add = (kind: string, name: string, path: Path, problem: string): void => {
      problems.push({
        file: file.file,
        ...positionOf(file.text, kind, name, path),
        path: path.join('.'),
        problem,
        ...(kind === 'MapPolicy' ? { map: name } : {}),
      })
    }
    const twice = (kind: string, name: string): void => {
      const first = seen.get(`${kind} ${name}`)
      if (first !== undefined) add(kind, name, ['metadata', 'name'], `there is another ${kind} "${name}" in ${first}; keep one`)
      seen.set(`${kind} ${name}`, file.file)
    }
    for (const fleet of file.fleets) twice('Fleet', fleet)
    for (const policy of file.policies) {
      const { map, neighbours } = policy
      twice('MapPolicy', map)
      for (const [index, fleet] of fleetsOf(policy).entries()) {
        const path = index === 0 ? ['spec', 'fleet'] : ['spec', 'fallbackFleets', index - 1, 'fleet']
        if (fleets.length > 0 && !fleets.includes(fleet)) add('MapPolicy', map, path, `there is no Fleet "${fleet}"${didYouMean(fleet, fleets)}`)
      }
      if (maps.length === 1) continue
      for (const [index, { map: neighbour }] of neighbours.entries()) {
        const others = maps.filter((other) => other !== map)
        if (!others.includes(neighbour))
          add('MapPolicy', map, ['spec', 'neighbours', index, 'map'], `there is no policy for a map "${neighbour}"${didYouMean(neighbour, others)}`)
      }
    }
  }
  return problems
}
