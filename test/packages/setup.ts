import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildPackage } from '../../packages/build.ts'
import { packages } from '../../packages/packages.ts'
import { npm } from './npm.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of each packed package, by name. */
    tarballs: Record<string, string>
  }
}

/** Builds and packs all packages once. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-tarballs-'))
  const tarballs: Record<string, string> = {}
  for (const source of packages) {
    const printed = await npm(folder, 'pack', '--silent', '--pack-destination', folder, await buildPackage(source))
    tarballs[source.name] = join(folder, printed.trim())
  }
  provide('tarballs', tarballs)
  return () => rm(folder, { recursive: true, force: true })
}
