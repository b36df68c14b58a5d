import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { decisions, pages, root } from './pages.ts'

const { join, dirname, extname, normalize } = posix

/** The address of the repository on the web, such as https://github.com/example/strata, when it is known. */
export const repository = process.env['DOCS_REPOSITORY']

/**
 * The target on the site of a link that works on GitHub. A link to a file that is no page leads to the repository on the web, or, without DOCS_REPOSITORY, to a page that
 * shows the file.
 */
export function siteLink(page: string, target: string): string {
  const file = fileOf(page, target)
  if (file === undefined) return target
  const [, heading] = target.split('#')
  const anchor = heading === undefined ? '' : `#${heading}`
  if (file === 'docs/decisions') return `/${decisions()[0]}`
  if (pages().includes(file)) return `/${file.replace(/(?<=^|\/)README\.md$/, 'index.md')}${anchor}`
  return repository === undefined ? `/site/source/${sourceName(file)}.md` : `${repository}/blob/HEAD/${file}${anchor}`
}

/** Files and folders that are no pages, and that pages link to or name above a block of code. */
export function linkedSources(): string[] {
  const found = new Set<string>()
  for (const page of pages()) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.replaceAll(/^```.*?^```$/gms, '').matchAll(/(?<!!\[[^\]]*)\]\(([^)\s]+)\)/g)) {
      const file = fileOf(page, target)
      if (file !== undefined && file !== 'docs/decisions' && !pages().includes(file)) found.add(file)
    }
    for (const [, file = ''] of text.matchAll(/^ *```\w+ (\S+)$/gm)) if (isFile(file)) found.add(file)
  }
  // A link to a file that does not exist leads to a page that is not made, and VitePress reports it.
  return [...found].filter((file) => existsSync(join(root, file))).sort()
}

export function isFile(path: string): boolean {
  return extname(path) !== '' && existsSync(join(root, path))
}

export function sourceName(file: string): string {
  return file.replaceAll(/[^A-Za-z0-9]+/g, '-')
}

/** The Markdown of the page that shows a file; for a folder, its README and the names in it. */
export function sourcePage(file: string): string {
  const path = join(root, file)
  if (!statSync(path).isDirectory()) return block(extname(file).slice(1), readFileSync(path, 'utf8'))
  const readme = join(path, 'README.md')
  return block('text', readdirSync(path).join('\n')) + (existsSync(readme) ? block('md', readFileSync(readme, 'utf8')) : '')
}

function block(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)))
  return `\n${fence}${language}\n${text.trimEnd()}\n${fence}\n`
}

/** The path from the root that a link of a page leads to; undefined for other sites and for a heading of the same page. */
function fileOf(page: string, target: string): string | undefined {
  const [path = ''] = target.split('#')
  if (path === '' || /^[a-z]+:/.test(target)) return undefined
  return normalize(join(dirname(page), path)).replace(/\/$/, '')
}
