import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where the package of Debian is unpacked when Prometheus is not installed. */
const unpacked = resolve('.bench/prometheus')
const DOWNLOAD_MS = 180_000

export interface Programs {
  prometheus: string
  promtool: string
}

/**
 * Prometheus and promtool: from the PATH, else from Debian's package, which is downloaded with apt and unpacked without an installation, so that no service starts. Undefined: there is no
 * Prometheus, and the suite is skipped.
 */
export async function findPrograms(): Promise<Programs | undefined> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(unpacked, 'usr/bin')]
  const found = inFolders(folders) ?? ((await unpack().catch(() => false)) ? inFolders(folders) : undefined)
  if (found === undefined) process.stderr.write('SKIPPED: there is no Prometheus. Install prometheus and promtool (apt-get install prometheus).\n')
  return found
}

function inFolders(folders: readonly string[]): Programs | undefined {
  const find = (name: string): string | undefined => folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  const [prometheus, promtool] = [find('prometheus'), find('promtool')]
  return prometheus === undefined || promtool === undefined ? undefined : { prometheus, promtool }
}

async function unpack(): Promise<boolean> {
  await mkdir(unpacked, { recursive: true })
  const options = { cwd: unpacked, timeout: DOWNLOAD_MS }
  const download = (): Promise<unknown> => run('apt-get', ['download', 'prometheus'], options)
  await download().catch(async () => {
    await run('apt-get', ['update', '-q'], options)
    await download()
  })
  await run('sh', ['-c', 'dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb'], options)
  await rm(join(unpacked, 'var'), { recursive: true, force: true })
  return true
}
