import { join } from 'node:path'
import { cruise, type IReporterOutput } from 'dependency-cruiser'

type Import = { from: string; to: string }

/** Reports pairs of sibling folders that import each other: a reader could start with neither of them. Empty when there is none. */
export async function checkSiblings(root: string, houses: readonly string[]): Promise<string> {
  const { output } = (await cruise([...houses], { baseDir: root, doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true })) as IReporterOutput
  if (typeof output === 'string') throw new Error('dependency-cruiser returned text instead of modules')
  const imports = output.modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => ({ from: source, to: resolved })))
  return mutualSiblings(imports.filter(({ from, to }) => !isTest(from) && !to.startsWith(join('node_modules', '/'))))
}

/** One line per pair of sibling folders that import each other, with one import of each direction. */
export function mutualSiblings(imports: readonly Import[]): string {
  const example = new Map<string, Import>()
  for (const one of imports) {
    const pair = siblingsOf(one)
    if (pair !== undefined) example.set(pair.join(' '), one)
  }
  return [...example]
    .flatMap(([pair, there]) => {
      const [from = '', to = ''] = pair.split(' ')
      const back = from < to ? example.get(`${to} ${from}`) : undefined
      return back === undefined ? [] : [`${from} and ${to} import each other: ${there.from} → ${there.to}, ${back.from} → ${back.to}`]
    })
    .join('\n')
}

/** The two folders, below their closest common parent, between which an import runs; undefined when one end lies directly in that parent. */
function siblingsOf({ from, to }: Import): [string, string] | undefined {
  const [a, b] = [from.split('/').slice(0, -1), to.split('/').slice(0, -1)]
  const common = a.findIndex((name, i) => name !== b[i])
  if (common < 1 || b[common] === undefined) return undefined
  return [a.slice(0, common + 1).join('/'), b.slice(0, common + 1).join('/')]
}

function isTest(file: string): boolean {
  return /\.test\.ts$|\/testing\//.test(file)
}
