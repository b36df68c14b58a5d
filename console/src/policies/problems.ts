import { parsePolicies } from '../../../model/policy/parse.ts'

export interface Problem {
  /** From 1. */
  line: number
  column: number
  message: string
}

/** What the orchestrator would refuse, by its own rules (`model/policy`). */
export function problemsOf(map: string, text: string): Problem[] {
  const { policies, problems } = parsePolicies(text, map, () => '')
  const found = problems.map(({ line, column, path, problem }) => ({ line, column, message: path === '' ? problem : `${path}: ${problem}` }))
  const [policy, ...others] = policies
  if (found.length === 0 && (policy === undefined || others.length > 0 || policy.map !== map))
    return [{ line: 1, column: 1, message: `write exactly one policy, for the map "${map}"` }]
  return found
}
