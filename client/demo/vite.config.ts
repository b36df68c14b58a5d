import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [react()],
  build: {
    target: 'es2024',
    // No file is small enough to become a data: address, which the page may not load.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: `${import.meta.dirname}/index.html`, crowd: `${import.meta.dirname}/crowd.html` } },
    // PixiJS is the largest part: some 500 kB.
    chunkSizeWarningLimit: 1_000,
  },
})
