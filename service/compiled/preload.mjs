/**
 * The image's entry point loads this file before a role's modules. It is JavaScript, because loading Node's support for TypeScript takes 40 ms, which compiled code saves.
 */
import { mkdtempSync, readdirSync, rmdirSync, symlinkSync } from 'node:fs'
import { constants, enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The kernel gives the first process of a container no signal that it does not handle. So until the service has handlers of its own, this ends the process. Without it, a pod that is deleted while its
 * process loads modules would stay for its whole grace period, which is ten minutes for a game server.
 */
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 }))
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(128 + number)
  })

/** Code that the build of the image compiled (Dockerfile, stage `compiled`). */
const compiled = fileURLToPath(new URL('../../compiled', import.meta.url))

/**
 * Node looks for compiled code in a folder whose name contains the processor's features and the user's id, so that a folder of the build machine would not be found. The code itself
 * depends on neither: V8 checks its own version, its flags and the source of each module. So this lets Node make the folder that it wants, and puts a link in its place.
 *
 * The image's root may be read-only: `/dev/shm` is memory that every container can write to. Without a folder to write to, modules are compiled again, and the process
 * starts later.
 */
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
