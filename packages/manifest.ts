import { isBuiltin } from 'node:module'
import { z } from 'zod'
import { defined } from '../model/defined.ts'
import { common, type PackageSource } from './packages.ts'

const repositoryManifest = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()) })

/**
 * Dependencies that a game shares with Strata: its schemas are values of this package, so one installed version has to serve both. All other
 * dependencies have the exact version that Strata's tests ran with.
 */
const shared = new Set(['zod'])

/** The package.json of a package. `imported`: what its files import, with paths. Throws when the repository's package.json lacks one of them. */
export function manifestOf(source: PackageSource, repository: unknown, imported: ReadonlySet<string>): Record<string, unknown> {
  const { version, dependencies } = repositoryManifest.parse(repository)
  const names = [...imported].filter((name) => !isBuiltin(name)).map(packageOf)
  const range = (name: string): [string, string] => {
    const exact = dependencies[name]
    if (exact === undefined) throw new Error(`${source.name} imports ${name}, which is not in "dependencies" of package.json: add it there`)
    return [name, shared.has(name) ? `^${exact}` : exact]
  }
  const all = [...new Set([...names, ...(source.required ?? [])])].sort().map(range)
  const optional = all.filter(([name]) => source.optional?.includes(name))
  const needed = all.filter(([name]) => source.optional?.includes(name) !== true)
  return {
    name: source.name,
    version,
    description: source.description,
    keywords: source.keywords,
    license: common.license,
    homepage: common.homepage,
    bugs: common.bugs,
    repository: { type: 'git', url: common.repository, directory: `packages/${source.folder}` },
    type: 'module',
    sideEffects: false,
    engines: { node: source.node },
    ...defined({ bin: source.bin }),
    exports: { ...Object.fromEntries(Object.entries(source.exports).map(exportOf)), './package.json': './package.json' },
    files: ['dist', ...topFolders(source)],
    publishConfig: { access: 'public', provenance: true },
    dependencies: Object.fromEntries(needed),
    optionalDependencies: Object.fromEntries(optional),
  }
}

function exportOf([path, entry]: [string, string]): [string, unknown] {
  return [path, { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` }]
}

function topFolders({ copied = {} }: PackageSource): string[] {
  return [...new Set(Object.values(copied).map((path) => path.split('/', 1)[0] ?? path))].filter((folder) => folder !== 'dist')
}

/** `@colyseus/sdk/Room` → `@colyseus/sdk`, `kysely/helpers` → `kysely`. */
function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}
