import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface CodeBlock {
  language: string
  /** The file that contains the block; the page names it after the language. */
  file: string | undefined
  text: string
  line: number
}

/** The fenced blocks of a Markdown page, those in lists without their indentation. */
export async function codeBlocks(page: string): Promise<CodeBlock[]> {
  const markdown = await readFile(join(root, page), 'utf8')
  return [...markdown.matchAll(/^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$/gms)].map(({ index, 1: indent = '', 2: language = '', 3: file, 4: text = '' }) => ({
    language,
    file,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    line: markdown.slice(0, index).split('\n').length,
  }))
}
