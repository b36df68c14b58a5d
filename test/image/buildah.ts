import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
/** A build downloads all packages of npm, and may share the machine with other work. */
const BUILD_TIMEOUT_MS = 1_500_000
const MAX_OUTPUT_BYTES = 1 << 26

/** Folder outside the checkout, in which images are kept between two runs. */
export const imageFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'strata', 'images')

/** Time of all files in an image, in s, so that equal sources make equal layers. */
export const SOURCE_DATE_EPOCH = 1_700_000_000

export interface BuildOptions {
  dockerfile: string
  context: string
  tag: string
  args?: Record<string, string>
  /** Folders of this machine by their path in the build. */
  volumes?: Record<string, string>
  cache?: boolean
}

/** Runs buildah with its storage in `imageFolder`. Returns its stdout. */
export async function buildah(...args: string[]): Promise<string> {
  mkdirSync(imageFolder, { recursive: true })
  const storage = ['--root', join(imageFolder, 'store'), '--runroot', join(imageFolder, 'run'), '--storage-driver', process.env['STORAGE_DRIVER'] ?? 'overlay']
  try {
    const { stdout } = await execute('buildah', [...storage, ...args], { timeout: BUILD_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES })
    return stdout.trim()
  } catch (error) {
    const output = error as { stdout?: string; stderr?: string } // what execFile adds to its errors
    throw new Error(`buildah ${args[0]} failed:\n${`${output.stdout ?? ''}${output.stderr ?? ''}`.slice(-4_000)}`, { cause: error })
  }
}

export async function build({ dockerfile, context, tag, args = {}, volumes = {}, cache = true }: BuildOptions): Promise<string> {
  const pairs = (flag: string, all: Record<string, string>, joint: string) => Object.entries(all).flatMap(([key, value]) => [flag, `${key}${joint}${value}`])
  await buildah(
    ...['bud', '--layers', '--isolation', 'chroot', '--network', 'host', '--timestamp', String(SOURCE_DATE_EPOCH)],
    ...(cache ? [] : ['--no-cache']),
    ...pairs('--build-arg', args, '='),
    ...pairs('--volume', volumes, ':'),
    ...['--file', dockerfile, '--tag', tag, context],
  )
  return tag
}

/** The digests of an image's uncompressed layers. */
export async function layersOf(tag: string): Promise<string[]> {
  const found = JSON.parse(await buildah('inspect', '--type', 'image', tag)) as { OCIv1: { rootfs: { diff_ids: string[] } } } // buildah's format
  return found.OCIv1.rootfs.diff_ids
}

/** Mounts an image's files. They may be written to: the changes end with the mount. */
export async function mountImage(tag: string): Promise<{ root: string } & AsyncDisposable> {
  const container = await buildah('from', '--pull-never', tag)
  return {
    root: await buildah('mount', container),
    [Symbol.asyncDispose]: async () => void (await buildah('rm', container)),
  }
}
