import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compareSpec, readRules } from './specRules.ts'

/** Compares SPEC.md with the titles of all tests. Suites in `test/contract` count as tests. */
export async function checkSpec(root: string): Promise<string> {
  const tests = new Map<string, string>()
  const files = glob(['**/*.test.ts', 'test/contract/*.ts'], { cwd: root, exclude: ['{,site/}node_modules/**', '.strata/**'] })
  for await (const file of files) tests.set(file, await readFile(join(root, file), 'utf8'))
  const rules = readRules(await readFile(join(root, 'SPEC.md'), 'utf8'))
  if (rules.length === 0) return 'SPEC.md: no rule can be read'
  return compareSpec(rules, tests).join('\n')
}
