import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository, whose Markdown files are the pages. Vite bundles this module into the configuration and keeps `import.meta.dirname`. */
export const root = resolve(import.meta.dirname, '..')

/** Pages outside docs/. */
const rootPages = ['README.md', 'SPEC.md', 'CHANGELOG.md', 'SECURITY.md'] as const
/** A README is the first page of its folder. */
export const rewrites: Readonly<Record<string, string>> = { 'README.md': 'index.md', 'docs/README.md': 'docs/index.md' }
const sections = [
  { text: 'Tutorials', folder: 'tutorial' },
  { text: 'How-to guides', folder: 'how-to' },
  { text: 'Reference', folder: 'reference' },
  { text: 'Explanation', folder: 'explanation' },
] as const

/** Paths of all pages from the root of the repository, in the order of the navigation. */
export function pages(): string[] {
  return [...new Set([...rootPages, 'docs/README.md', ...sections.flatMap(({ folder }) => inOrder(folder)), ...decisions()])]
}

/** Globs of Markdown files that are no pages: those of all other folders. */
export function excluded(): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !['docs', 'site'].includes(entry.name))
  const files = globSync('*.md', { cwd: root }).filter((file) => !rootPages.some((page) => page === file))
  return [...folders.map(({ name }) => `${name}/**`), ...files, 'site/*.md', 'site/dist/**', 'site/.vitepress/**']
}

export function decisions(): string[] {
  return globSync('docs/decisions/*.md', { cwd: root }).sort()
}

/** The address of a page on the site. */
export function addressOf(page: string): string {
  return `/${(rewrites[page] ?? page).replace(/(?:^|(?<=\/))index\.md$/, '').replace(/\.md$/, '.html')}`
}

export interface NavigationItem {
  text: string
  link?: string
  items?: NavigationItem[]
}

/** The navigation beside each page. The order of docs/README.md is the order of the pages. */
export function navigation(): NavigationItem[] {
  return [
    {
      text: 'Strata',
      items: [{ text: 'Start', link: '/' }, item('docs/README.md', 'All pages'), { text: 'Glossary', link: '/docs/explanation/design#glossary' }],
    },
    ...sections.map(({ text, folder }) => ({ text, items: [...inOrder(folder).map((page) => item(page)), ...more(folder)] })),
    { text: 'Project', items: [item('CHANGELOG.md'), item('SECURITY.md')] },
    { text: 'Decisions', items: decisions().map((page) => item(page)) },
  ]
}

function more(folder: string): NavigationItem[] {
  return folder === 'reference' ? [item('SPEC.md', 'Rules that must never break')] : []
}

function item(page: string, text = titleOf(page)): NavigationItem {
  return { text, link: addressOf(page).replace(/\.html$/, '') }
}

/** Pages of a section: first those that docs/README.md lists, in its order. */
function inOrder(folder: string): string[] {
  const present = globSync(`docs/${folder}/*.md`, { cwd: root }).sort()
  const listed = [...readFileSync(join(root, 'docs/README.md'), 'utf8').matchAll(/\]\(([^)#]+\.md)\)/g)].map(([, target]) => `docs/${target}`)
  return [...listed.filter((page) => present.includes(page)), ...present.filter((page) => !listed.includes(page))]
}

/** The first heading of a page, without marks. */
export function titleOf(page: string): string {
  const path = join(root, page)
  const [, heading = page] = existsSync(path) ? (/^# (.+)$/m.exec(readFileSync(path, 'utf8')) ?? []) : []
  return heading.replaceAll(/[`*]|\[|\]\([^)]*\)/g, '')
}
