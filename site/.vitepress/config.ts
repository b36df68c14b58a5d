import { resolve } from 'node:path'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitepress'
import { anchorOf } from '../headings.ts'
import { repository } from '../links.ts'
import { excluded, navigation, rewrites, root } from '../pages.ts'
import { readAsGitHub } from './markdown.ts'

const icon =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><g fill='%230b6e6e'><path d='M16 3 30 10 16 17 2 10z'/><path d='m2 16 14 7 14-7v3l-14 7-14-7z' opacity='.8'/><path d='m2 22 14 7 14-7v1l-14 7-14-7z' opacity='.6'/></g></svg>"

/** The pages are outside this folder, where Node finds no Vue: what they import is looked for from here. */
const packagesOfTheSite: Plugin = {
  name: 'packages-of-the-site',
  enforce: 'pre',
  async resolveId(source, importer, options) {
    if (!/^vue(\/|$)/.test(source)) return null
    // The pages are rendered from a folder in site/, where Node finds Vue itself.
    if (options.ssr === true) return { id: source, external: true }
    if (importer === undefined || importer.includes('/node_modules/')) return null
    return this.resolve(source, resolve(root, 'site/package.json'), { ...options, skipSelf: true })
  },
}

/** The site of docs/. The pages are the files of this repository, where they are. */
export default defineConfig({
  title: 'Strata',
  description: 'Dynamic-megaserver orchestrator on Agones: layered copies of each map, opened and merged while people play.',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  srcDir: root,
  srcExclude: excluded(),
  outDir: resolve(root, 'site/dist'),
  rewrites: { ...rewrites },
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${icon}` }]],
  markdown: {
    // Both have enough contrast for small text.
    theme: { light: 'github-light-high-contrast', dark: 'dark-plus' },
    anchor: { slugify: anchorOf },
    // GitHub knows no attributes in braces.
    attrs: { disable: true },
    config: readAsGitHub,
  },
  themeConfig: {
    nav: [
      { text: 'First world', link: '/docs/tutorial/first-world' },
      { text: 'How-to', link: '/docs/how-to/policies', activeMatch: '/docs/how-to/' },
      { text: 'Reference', link: '/docs/reference/policy', activeMatch: '/docs/reference/' },
      { text: 'Design', link: '/docs/explanation/design', activeMatch: '/docs/explanation/' },
    ],
    sidebar: navigation(),
    outline: [2, 3],
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    ...(repository === undefined
      ? {}
      : {
          socialLinks: [{ icon: 'github', link: repository, ariaLabel: 'Repository' }],
          editLink: { pattern: `${repository}/edit/main/:path`, text: 'Edit this page' },
        }),
  },
  vite: {
    plugins: [packagesOfTheSite],
    // The root is the whole repository, so the folder is named here.
    publicDir: resolve(root, 'site/public'),
    optimizeDeps: { entries: [] },
    server: { host: '127.0.0.1', watch: { ignored: ['**/.strata/**', '**/.bench/**', '**/dist/**'] } },
    build: { reportCompressedSize: false },
  },
})
