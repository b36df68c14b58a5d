import { spawn } from 'node:child_process'
import { copyFile, cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * `npm run build:docs` builds the site of docs/ into site/dist; `npm run docs` serves it on the loopback address and reloads changed pages. Its packages are not those of
 * the repository: the first run installs them.
 */
const site = import.meta.dirname
const lock = join(site, 'package-lock.json')
/** The lock file of the packages that are installed. */
const installed = join(site, 'node_modules', '.lock-of')
const [command = 'build', ...rest] = process.argv.slice(2)

if ((await textOf(installed)) !== (await textOf(lock))) {
  process.stdout.write('site: installing the packages of the site (npm ci in site/)\n')
  await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'])
  await copyMermaid()
  await copyFile(lock, installed)
}
const options = command === 'dev' ? ['--host', '127.0.0.1', '--port', '5180', ...rest] : rest
await run(process.execPath, [join(site, 'node_modules', 'vitepress', 'bin', 'vitepress.js'), command, site, ...options])
if (command === 'build') process.stdout.write('site: built in site/dist; any web server can serve this folder\n')

/** Mermaid's own bundle is served as it is, and pages with a diagram load it: bundling it again would take most of the time of a build. */
async function copyMermaid(): Promise<void> {
  const [from, to] = [join(site, 'node_modules', 'mermaid', 'dist'), join(site, 'public', 'mermaid')]
  await cp(join(from, 'mermaid.esm.min.mjs'), join(to, 'mermaid.esm.min.mjs'))
  await cp(join(from, 'chunks', 'mermaid.esm.min'), join(to, 'chunks', 'mermaid.esm.min'), { recursive: true, filter: (path) => !path.endsWith('.map') })
}

function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { cwd: site, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  if (code !== 0) process.exit(code ?? 1)
}
