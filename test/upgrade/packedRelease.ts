import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompressSync } from 'node:zlib'

/** The previous release this one, which `test/upgrade/pack.ts` packs. */
export interface PackedRelease {
  commit: string
  version: string
}
export const packedRelease = join(import.meta.dirname, 'before.json')
export const packedFile = join(import.meta.dirname, 'before.tar.br')

const execute = promisify(execFile)
/** Longest time for `npm ci`, in ms. */
const INSTALL_MS = 240_000

/**
 * Unpacks the previous release into a cache folder outside the checkout and installs its packages there, once. Returns the folder. Throws when the registry
 * of its packages does not answer.
 */
export async function unpackRelease(): Promise<string> {
  const packed = await readFile(packedFile)
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'strata', 'releases')
  const folder = join(cache, createHash('sha256').update(packed).digest('hex').slice(0, 16))
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  // Renamed when complete, so that an interrupted installation is not taken for a release.
  const partial = await mkdtemp(join(cache, 'partial-'))
  try {
    const unpacking = execute('tar', ['-x', '-C', partial])
    unpacking.child.stdin?.end(brotliDecompressSync(packed))
    await unpacking
    const flags = ['--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    const { NODE_OPTIONS: _, ...environment } = process.env
    await execute('npm', ['ci', ...flags], { cwd: partial, timeout: INSTALL_MS, env: environment, maxBuffer: 1 << 26 })
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (existsSync(folder)) return folder
    throw new Error(`could not install the previous release in ${dirname(folder)}`, { cause: error })
  }
  return folder
}
