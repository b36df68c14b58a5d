import { glob, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Block } from '../../checks/prose/block.ts'
import { codeExtensions, extracts } from '../../checks/prose/codeProse.ts'
import { anchorOf } from '../../site/headings.ts'
import { root } from './codeBlocks.ts'

const exclude = ['{,site/}node_modules/**', '.strata/**', '.git/**']
const written = 'ts|md|lua|sql|yaml|cjs|sh'
/** A path with a folder, such as `orchestrator/plan/plan.ts`, or the name of a file in code marks. */
const inComment = new RegExp(
  `(?<![\\w./:@{}-])(?:(?:\\.{1,2}/)*(?:[\\w-]+/)+[\\w.-]+\\.(?:${written})|docs/decisions/\\d{4}[\\w-]*)\\b(?![/(])|(?<=\`)[\\w.-]+\\.(?:${written})(?=\`)`,
  'g',
)
const inlineCode = new RegExp(`(?<=\`)(?:[\\w.-]+/)*[\\w.-]+(?:\\.(?:${written})|/)(?=\`)`, 'g')

/** All files and folders of the repository, from its root. */
const present = new Set<string>()
/** Each name of a file or folder, alone and behind its house. */
const names = new Set<string>()
beforeAll(async () => {
  for await (const path of glob('**/*', { cwd: root, exclude })) {
    present.add(path)
    names.add(basename(path)).add(`${path.split('/', 1)[0]} ${basename(path)}`)
  }
  for (const hidden of ['.dependency-cruiser.cjs', '.ci']) if (await stat(join(root, hidden)).catch(() => undefined)) present.add(hidden)
})

async function* textsOf(pattern: string): AsyncGenerator<{ file: string; text: string }> {
  for await (const file of glob(pattern, { cwd: root, exclude })) yield { file, text: await readFile(join(root, file), 'utf8') }
}

/** A path starts at the root, at the folder of the file, or at a folder above it. A bare name is that of a file of the same house, or of any house for pages of docs/ and of the root. */
function exists(path: string, file: string): boolean {
  const target = path.replace(/\/$/, '')
  if (/^docs\/decisions\/\d{4}[\w-]*$/.test(target)) return [...present].some((one) => one.startsWith(target))
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const candidate = join(folder, target)
    if (!candidate.startsWith('..') && present.has(candidate)) return true
    if (folder === '.') break
  }
  if (target.includes('/')) return /\bNAME\b/.test(target)
  return names.has(/^(docs\/|[^/]+$)/.test(file) ? target : `${file.split('/', 1)[0]} ${target}`)
}

it('every link of a page leads to a file of the repository, and to a heading that the page has', async () => {
  const dead: string[] = []
  for await (const { file, text } of textsOf('**/*.md')) {
    const prose = text.replaceAll(/^```.*?^```$/gms, '')
    for (const [, target = '', anchor] of prose.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      const path = target === '' ? file : relative('.', join(dirname(file), target)).replace(/\/$/, '')
      const found = path === '' || present.has(path)
      if (!found || (anchor !== undefined && !(await anchorsOf(path)).has(anchor))) dead.push(`${file}: ${target}${anchor === undefined ? '' : `#${anchor}`}`)
    }
  }
  expect(dead).toEqual([])
})

it('every path that a page shows as code exists', async () => {
  const dead: string[] = []
  for await (const { file, text } of textsOf('**/*.md')) {
    const prose = text.replaceAll(/^```.*?^```$/gms, '')
    for (const [path] of prose.matchAll(inlineCode)) if (!exists(path, file)) dead.push(`${file}: ${path}`)
  }
  expect(dead).toEqual([])
})

it('every path that a comment names exists', async () => {
  const dead: string[] = []
  for await (const { file, text } of textsOf(`**/*{${codeExtensions.join(',')}}`)) {
    for (const block of extracts[extname(file)]?.(text, file) ?? []) {
      for (const [path] of textOf(text, block).matchAll(inComment)) if (!exists(path, file)) dead.push(`${file}: ${path}`)
    }
  }
  expect(dead).toEqual([])
})

function textOf(text: string, block: Block): string {
  return block.map(([start, end]) => text.slice(start, end)).join('\n')
}

/** The anchors of a page's headings, as GitHub makes them. */
async function anchorsOf(page: string): Promise<Set<string>> {
  const headings = (await readFile(join(root, page), 'utf8')).matchAll(/^#+ (.+)$/gm)
  return new Set([...headings].map(([, heading = '']) => anchorOf(heading)))
}
