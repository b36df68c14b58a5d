import { relative } from 'node:path'
import type MarkdownIt from 'markdown-it'
import { isFile, siteLink } from '../links.ts'
import { rewrites, root } from '../pages.ts'

/** Lets VitePress read the Markdown of this repository as GitHub does. */
export function readAsGitHub(md: MarkdownIt): void {
  md.core.ruler.push('links of the repository', ({ tokens, env }) => {
    const page = pageOf(env)
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const target = token.type === 'link_open' ? token.attrGet('href') : null
      if (target !== null) token.attrSet('href', siteLink(page, target))
    }
  })
  const { text, fence } = md.renderer.rules
  // Vue reads two braces as code of its own.
  md.renderer.rules.text = (...args) => (text?.(...args) ?? '').replaceAll('{{', '<span v-pre>{{</span>')
  md.renderer.rules.code_inline = (tokens, index) => `<code v-pre>${md.utils.escapeHtml(tokens[index]?.content ?? '')}</code>`
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index]
    if (token === undefined) return ''
    // The highlighter does not know this language.
    token.info = token.info.replace(/^promql\b/, 'txt')
    const { info, content } = token
    if (info === 'mermaid') return `<MermaidDiagram source="${encodeURIComponent(content)}" />`
    const code = fence?.(tokens, index, ...rest) ?? ''
    const [, file = ''] = info.split(' ')
    if (!isFile(file)) return code
    const link = siteLink('', file)
    const href = link.startsWith('/') ? `${process.env['DOCS_BASE'] ?? '/'}${link.slice(1).replace(/\.md$/, '.html')}` : link
    return `<p class="file"><a href="${href}">${file}</a></p>${code}`
  }
}

/** The file of the page that is read. The index of the search knows only its path on the site. */
function pageOf({ realPath, relativePath = '' }: { realPath?: string; relativePath?: string }): string {
  if (realPath !== undefined) return relative(root, realPath)
  return Object.entries(rewrites).find(([, to]) => to === relativePath)?.[0] ?? relativePath
}
