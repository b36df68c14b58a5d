import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build, type InlineConfig } from 'tsdown'
import { build as buildPage } from 'vite'
import { manifestOf } from './manifest.ts'
import type { PackageSource } from './packages.ts'

export const root = resolve(import.meta.dirname, '..')
/** Where packages are built; git ignores it. */
export const builtIn = (folder: string): string => join(root, '.strata', 'packages', folder)

/** Syntax of the published files: for browsers that of 2022, for Node that of the oldest version that runs the package. */
const target = { neutral: 'es2022', node: 'node24' } as const

export const quiet: InlineConfig = { config: false, cwd: root, logLevel: 'error', clean: false, format: 'esm', fixedExtension: false }

/**
 * Calls of these names have no effect besides their value, so a bundle leaves out what it does not use: the client has types made from zod schemas, and
 * parses nothing with them.
 */
const pureFunctions = ['z']

/** Builds the package into `builtIn(folder)`: JavaScript with source maps, bundled declarations, package.json, README and licence. */
export async function buildPackage(source: PackageSource): Promise<string> {
  const folder = builtIn(source.folder)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const imported = new Set<string>()
  await build({
    ...quiet,
    entry: { ...source.entries },
    outDir: join(folder, 'dist'),
    platform: source.platform,
    target: target[source.platform],
    unbundle: source.layout === 'modules',
    ...(source.layout === 'modules' ? { root } : {}),
    sourcemap: true,
    dts: false,
    treeshake: { manualPureFunctions: pureFunctions, moduleSideEffects: source.layout === 'modules' ? true : 'no-external' },
    plugins: [
      {
        name: 'imported-packages',
        generateBundle(_options, bundle) {
          const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
          for (const { imports, dynamicImports } of chunks) for (const name of [...imports, ...dynamicImports]) if (!(name in bundle)) imported.add(name)
        },
      },
    ],
  })
  await buildDeclarations(source, join(folder, 'dist'))
  for (const name of Object.values(source.exports)) {
    const declarations = await readFile(join(folder, 'dist', `${name}.d.ts`), 'utf8')
    for (const [, from = ''] of declarations.matchAll(/^import .* from "([^."][^"]*)"/gm)) imported.add(from)
  }
  for (const [from, to] of Object.entries(source.copied ?? {})) await cp(join(root, from), join(folder, to), { recursive: true })
  for (const [page, to] of Object.entries(source.pages ?? {})) {
    await buildPage({
      root: join(root, page),
      configFile: join(root, page, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: join(folder, to), emptyOutDir: true },
    })
  }
  for (const [file, { from, to }] of Object.entries(source.edited ?? {})) {
    const text = await readFile(join(folder, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${source.name}: ${file} has no "${from}" to replace: change "edited" in packages/packages.ts`)
    await writeFile(join(folder, file), text.replace(from, to))
  }
  await cp(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  await cp(join(root, 'packages', source.folder, 'README.md'), join(folder, 'README.md'))
  const own: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifestOf(source, own, imported), undefined, 2)}\n`)
  return folder
}

/** Writes one bundled declaration file for each export. */
export async function buildDeclarations({ entries, exports, platform }: PackageSource, outDir: string): Promise<void> {
  const entry = Object.fromEntries(Object.values(exports).map((name) => [name, entries[name] ?? '']))
  if (Object.keys(entry).length === 0) return
  await build({ ...quiet, entry, outDir, platform, target: target[platform], dts: { emitDtsOnly: true } })
}
