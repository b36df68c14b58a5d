import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { glob, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** A web page of this repository that Vite builds. */
export interface PageSource {
  /** Name for people; `npm run build:NAME` builds it. */
  name: string
  folder: string
  /** Files beside those of the folder that the page is made of. */
  sources: readonly string[]
}

/** Where the built page is. */
export function pageFolder({ folder }: Pick<PageSource, 'folder'>): string {
  return join(root, folder, 'dist')
}

/** Builds a page when it is missing or older than its sources. A failure is reported and stops nothing: the rest of Strata needs no page. */
export async function buildPage(page: PageSource, step: (what: string) => void, stopping: AbortSignal): Promise<void> {
  if (!(await isStale(page))) return
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  if (!existsSync(vite)) return
  step(`building the ${page.name}`)
  // Built aside, so that another start never serves half of it.
  const dist = pageFolder(page)
  const made = `${dist}.${process.pid}`
  const ended = await new Promise<number | null>((done) => {
    const child = spawn(process.execPath, [vite, 'build', page.folder, '--outDir', made, '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    stopping.addEventListener('abort', () => child.kill(), { once: true })
    child.once('error', () => done(1))
    child.once('close', done)
  })
  if (ended === 0) {
    await rm(dist, { recursive: true, force: true })
    // Another start of this checkout may have put its own build there at this moment: that one is as new.
    await rename(made, dist).catch(() => undefined)
  } else if (!stopping.aborted) step(`the ${page.name} could not be built; run "npm run build:${page.name}" to see why`)
  await rm(made, { recursive: true, force: true })
}

async function isStale(page: PageSource): Promise<boolean> {
  const built = await stat(join(pageFolder(page), 'index.html')).catch(() => undefined)
  if (built === undefined) return true
  const own = [`${page.folder}/*.{ts,html,json}`, `${page.folder}/src/**/*`]
  for await (const file of glob([...own, ...page.sources, 'package-lock.json'], { cwd: root })) {
    const { mtimeMs } = await stat(join(root, file))
    if (mtimeMs > built.mtimeMs) return true
  }
  return false
}
