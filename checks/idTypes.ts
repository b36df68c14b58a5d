import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'

/** Names under which ids travel, with their types in model/ids.ts. */
const types: Record<string, string> = {
  account: 'AccountId',
  character: 'CharacterId',
  copy: 'CopyId',
  fleet: 'FleetName',
  guild: 'GuildId',
  map: 'MapName',
  move: 'MoveId',
  party: 'PartyId',
  server: 'ServerId',
}

const production = '{model,score,directory,store,service,orchestrator,matchmaker,gameserver,client,cli}/**/*.ts'
const exclude = ['**/*.test.ts', '**/testing/**', 'gameserver/demo/bots/**']

/** Ids that are declared as text. Such a value is accepted as an id of any kind, so the compiler would find no mix-up (docs/decisions/0027). */
export async function checkIdTypes(root: string): Promise<string> {
  const problems: string[] = []
  for await (const file of glob(production, { cwd: root, exclude })) problems.push(...textualIds(file, await readFile(join(root, file), 'utf8')))
  return problems.sort().join('\n')
}

export function textualIds(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const problems: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)) {
      const type = ts.isIdentifier(node.name) ? types[node.name.text] : undefined
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1
      if (type !== undefined && isText(node.type)) problems.push(`${file}:${line} ${node.name.getText()} is an id: declare it as ${type} of model/ids.ts`)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return problems
}

/** `string`, also beside `undefined` or `null`. */
function isText(type: ts.TypeNode | undefined): boolean {
  if (type === undefined) return false
  return type.kind === ts.SyntaxKind.StringKeyword || (ts.isUnionTypeNode(type) && type.types.some((one) => one.kind === ts.SyntaxKind.StringKeyword))
}
