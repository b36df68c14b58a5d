import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** Writes a brotli and a gzip file beside each text file, which the orchestrator serves to browsers that accept them. Other plugins change chunks until they are written. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const texts = Object.keys(bundle).filter((name) => /\.(js|css|svg)$/.test(name))
      await Promise.all(
        texts.map(async (name) => {
          const content = await readFile(join(dir, name))
          await writeFile(join(dir, `${name}.br`), brotliCompressSync(content))
          await writeFile(join(dir, `${name}.gz`), gzipSync(content))
        }),
      )
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  // `public` files would lie outside of `assets`, where the orchestrator serves none.
  publicDir: false,
  plugins: [react(), compressed()],
  // The orchestrator puts a new nonce here for each page (orchestrator/console/consolePages.ts).
  html: { cspNonce: '__STRATA_NONCE__' },
  build: {
    target: 'es2024',
    // No file is small enough to become a data: address, which the page may not load.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // React and the components: one file of 600 kB, 160 kB compressed. test/console/firstLoad.test.ts holds the limit.
    chunkSizeWarningLimit: 1_000,
  },
})
