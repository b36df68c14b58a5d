import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** Beside `dist/` in the package, and beside this file in the repository. */
const template = join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? 'template' : '../template')
/** npm leaves out or reads files with these names when it packs, so the template has them with `_` in front. */
const dotFiles = ['.gitignore', '.npmrc', '.dockerignore']
/** Files that name the game. */
const named = ['package.json', 'README.md', 'index.html', 'k8s/kustomization.yaml', 'k8s/namespace.yaml', 'k8s/matchmaker.yaml']

/** Writes a copy of the template. `sources` says where packages come from, by name; the others come from the registry, in the version of this package. */
export async function writeProject(folder: string, sources: Readonly<Record<string, string>>): Promise<void> {
  await cp(template, folder, { recursive: true })
  for (const file of dotFiles) await rename(join(folder, `_${file.slice(1)}`), join(folder, file))
  const name = basename(folder)
  for (const file of named) {
    const text = await readFile(join(folder, file), 'utf8')
    await writeFile(join(folder, file), text.replaceAll('my-game', name).replaceAll('My game', name))
  }
  const { version } = JSON.parse(await readFile(join(template, '..', 'package.json'), 'utf8')) as { version: string } // this package's own
  const file = join(folder, 'package.json')
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>> // the template's
  for (const part of [manifest.dependencies, manifest.devDependencies]) {
    for (const [dependency, range] of Object.entries(part)) if (range === '*') part[dependency] = sources[dependency] ?? `^${version}`
  }
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`)
}

/** `file:` addresses of packed packages: strata-client-0.1.0.tgz is @strata/client. */
export async function localPackages(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder)).flatMap((file) => {
    const [, name] = /^strata-([a-z]+)-\d.*\.tgz$/.exec(file) ?? []
    return name === undefined ? [] : [[`@strata/${name}`, `file:${join(folder, file)}`] as const]
  })
  if (files.length === 0) throw new Error(`${folder} has no strata-NAME-VERSION.tgz: run npm pack for each package`)
  return Object.fromEntries(files)
}
