import type { TxtDocumentNode, TxtNode, TxtParentNode } from '@textlint/ast-node-types'
import type { TextlintPluginCreator } from '@textlint/types'
import type { Block } from './block.ts'
import { lineComments } from './lineComments.ts'
import { typescriptProse } from './typescriptProse.ts'

type Extract = (text: string, file: string) => Block[]

/** What people read besides messages: comments, titles, descriptions. */
export const extracts: Record<string, Extract> = {
  '.ts': (text, file) => typescriptProse(text, file),
  '.lua': lineComments(/(?:^|\s)--+ ?/),
  '.sql': lineComments(/(?:^|\s)--+ ?/),
  '.yaml': lineComments(/(?:^|\s)#+ ?/),
}

export const codeExtensions = Object.keys(extracts)

/** A textlint plugin: the comments of source files, and the texts in them that people read, as paragraphs. */
export const codePlugin: TextlintPluginCreator = {
  Processor: class {
    availableExtensions(): string[] {
      return codeExtensions
    }
    processor(extension: string) {
      return {
        preProcess: (text: string, file = '') =>
          documentOf(text, extension === '.ts' ? typescriptProse(text, file, true) : (extracts[extension]?.(text, file) ?? [])),
        postProcess: (messages: Parameters<ReturnType<InstanceType<TextlintPluginCreator['Processor']>['processor']>['postProcess']>[0], file = '') => ({
          messages,
          filePath: file,
        }),
      }
    }
  },
}

function documentOf(text: string, blocks: readonly Block[]): TxtDocumentNode {
  const starts = lineStarts(text)
  const node = (type: string, start: number, end: number) => ({
    type,
    raw: text.slice(start, end),
    range: [start, end] as const,
    loc: { start: placeOf(starts, start), end: placeOf(starts, end) },
  })
  const children = blocks.flatMap((block) =>
    paragraphs(text, block).map((lines) => ({
      ...node('Paragraph', lines[0]?.[0] ?? 0, lines.at(-1)?.[1] ?? 0),
      children: lines.flatMap(([start, end]) => leaves(text, start, end).map((leaf) => ({ ...node(leaf.type, leaf.start, leaf.end), value: '' }))),
    })),
  )
  // The nodes have what textlint's visitors read; its types distinguish more.
  return { ...node('Document', 0, text.length), children: children as unknown as (TxtNode & TxtParentNode)[] } as unknown as TxtDocumentNode
}

/** An empty line, a list item, a tag or a table's row begins another paragraph; a table's cell is one of its own; indented lines are code. */
function paragraphs(text: string, block: Block): Block[] {
  const found: [number, number][][] = [[]]
  for (const [start, end] of block) {
    const line = text.slice(start, end)
    if (/^ {4}/.test(line) || /^```/.test(line)) continue
    if (line.trim() === '') found.push([])
    else if (line.startsWith('|')) found.push(...cells(line, start), [])
    else {
      if (/^\s*(?:[-*·] |\d+\. |@\w)/.test(line)) found.push([])
      found.at(-1)?.push([start, end])
    }
  }
  return found.filter((lines) => lines.length > 0)
}

function cells(row: string, offset: number): [number, number][][] {
  return [...row.matchAll(/[^|]+/g)].map(({ 0: cell, index }) => [[offset + index, offset + index + cell.length]])
}

/** Text, and code between back-ticks. */
function leaves(text: string, start: number, end: number): { type: 'Str' | 'Code'; start: number; end: number }[] {
  let at = start
  const found: { type: 'Str' | 'Code'; start: number; end: number }[] = []
  for (const { 0: code, index } of text.slice(start, end).matchAll(/`[^`]+`/g)) {
    if (start + index > at) found.push({ type: 'Str', start: at, end: start + index })
    at = start + index + code.length
    found.push({ type: 'Code', start: start + index, end: at })
  }
  if (at < end) found.push({ type: 'Str', start: at, end })
  return found
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
}

function placeOf(starts: readonly number[], offset: number): { line: number; column: number } {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) }
}
