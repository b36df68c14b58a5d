import { mkdtempSync, readdirSync, rmdirSync, symlinkSync } from 'node:fs'
import { constants, enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Lets Node read the compiled code that the build of the image made (Dockerfile, stage `compiled`). The image's entry point loads this file before a role's modules. It is
 * JavaScript, because loading Node's support for TypeScript takes 40 ms, which compiled code saves.
 *
 * Node looks for compiled code in a folder whose name contains the processor's features and the user's id, so that a folder of the build machine would not be found. The code itself
 * depends on neither: V8 checks its own version, its flags and the source of each module. So this makes the folder that Node wants, and puts a link in its place.
 *
 * The image's root may be read-only: `/dev/shm` is memory that every container can write to. Without a folder to write to, modules are compiled anew, and the process
 * starts later.
 */
const compiled = fileURLToPath(new URL('../../compiled', import.meta.url))

for (const folder of ['/dev/shm', tmpdir()]) {
  let parent
  try {
    parent = mkdtempSync(join(folder, 'strata-'))
  } catch {
    continue // it cannot be written to
  }
  const { status } = enableCompileCache(parent)
  const [wanted] = readdirSync(parent)
  // Otherwise NODE_COMPILE_CACHE names another folder, or NODE_DISABLE_COMPILE_CACHE is set.
  if (status === constants.compileCacheStatus.ENABLED && wanted !== undefined) {
    rmdirSync(join(parent, wanted))
    symlinkSync(compiled, join(parent, wanted))
  } else rmdirSync(parent)
  break
}
