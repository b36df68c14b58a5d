import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'tsdown'
import { buildPackage, builtIn, quiet } from './build.ts'
import { packages } from './packages.ts'

/** Largest size of the client with everything that it imports, minified and compressed as a web server sends it (Brotli), in bytes. */
const CLIENT_MAX_BYTES = 60_000

export interface ClientSize {
  minified: number
  gzip: number
  brotli: number
}

/** Bundles the built client for a browser, with all its dependencies. Sizes in bytes. */
export async function clientSize(): Promise<ClientSize> {
  const source = packages.find(({ folder }) => folder === 'client')
  if (source === undefined) throw new Error('there is no package in the folder client')
  const built = await buildPackage(source)
  const outDir = builtIn('client-in-browser')
  const entry = { client: join(built, 'dist', 'index.js') }
  await build({ ...quiet, entry, outDir, platform: 'browser', dts: false, minify: true, deps: { alwaysBundle: [/./], onlyBundle: false } })
  const code = await readFile(join(outDir, 'client.js'), 'utf8')
  if (/\bfrom\s*"node:/.test(code)) throw new Error('the client imports a module of Node, which no browser has')
  return { minified: Buffer.byteLength(code), gzip: gzipSync(code, { level: 9 }).length, brotli: brotliCompressSync(code).length }
}

/** Says what to do when the client is too large; empty otherwise. */
export async function checkClientSize(): Promise<string> {
  const { brotli, gzip } = await clientSize()
  if (brotli <= CLIENT_MAX_BYTES) return ''
  return `@strata/client has ${brotli} bytes (Brotli; gzip: ${gzip}) with everything that it imports, and ${CLIENT_MAX_BYTES} are the limit: look for a new import`
}
