import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, it } from 'vitest'
import { temporaryFolder } from './temporaryFolder.ts'

/** What a browser without brotli may load before the first picture, in bytes. */
const LIMIT_BYTES = 300_000

it('the page loads at most 300 kB, compressed, before the first picture, and nothing from another host', { timeout: 300_000 }, async () => {
  await using folder = await temporaryFolder()
  await build({ configFile: 'console/vite.config.ts', logLevel: 'error', build: { outDir: folder.path } })
  const html = await readFile(join(folder.path, 'index.html'), 'utf8')
  const named = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address)
  expect(named.filter((address) => !address.startsWith('/console/assets/'))).toEqual([])
  const sizes = await Promise.all(
    named.map(async (address) => {
      const file = join(folder.path, address.replace('/console/', ''))
      const content = await readFile(file)
      // What the orchestrator serves is the same file as the plain one.
      expect(await readFile(`${file}.br`)).toEqual(brotliCompressSync(content))
      return gzipSync(content).length
    }),
  )
  expect(sizes.length).toBeGreaterThanOrEqual(3)
  expect(sizes.reduce((sum, size) => sum + size, gzipSync(html).length)).toBeLessThan(LIMIT_BYTES)
})
