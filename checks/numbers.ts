import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { constantNames } from '../score/constants.ts'

const folders = '{score,orchestrator/plan}/**/*.ts'
const exclude = ['**/*.test.ts', '**/testing/**', 'score/day/**', 'score/constants.ts']

/** 0, 1 and 2 count, halve and square; the others convert units, round, or make a percentage. */
const PLAIN: ReadonlySet<number> = new Set([0, 1, 2, 10, 100, 1_000, 60_000, 1e9, 1e-9])

/** Numbers of placement and planning that nothing explains, and constants of score/constants.ts that no code uses. Empty when there is none. */
export async function checkNumbers(root: string): Promise<string> {
  const problems: string[] = []
  const used = new Set<string>()
  for await (const file of glob(folders, { cwd: root, exclude })) {
    const text = await readFile(join(root, file), 'utf8')
    problems.push(...unexplainedNumbers(file, text))
    for (const [word] of text.matchAll(/\w+/g)) used.add(word)
  }
  for (const name of constantNames) if (!used.has(name)) problems.push(`score/constants.ts: nothing uses ${name}: remove it`)
  return problems.sort().join('\n')
}

/** Allowed is a constant of the module with a comment, or a unit such as `MINUTE_MS`; what is tuned belongs into score/constants.ts. */
export function unexplainedNumbers(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const problems: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isVariableStatement(node) && node.parent === source && isExplained(node)) return
    if (ts.isNumericLiteral(node) && !PLAIN.has(Number(node.text))) {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      problems.push(`${file}:${line} ${node.getText()}: say in a comment on a constant what it limits, or put it into score/constants.ts`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return problems
}

function isExplained(statement: ts.VariableStatement): boolean {
  if (ts.getJSDocCommentsAndTags(statement).length > 0) return true
  return statement.declarationList.declarations.every(({ name }) => /^(MINUTE|QUARTER|HOUR|DAY)_(MS|HOURS)$/.test(name.getText()))
}
