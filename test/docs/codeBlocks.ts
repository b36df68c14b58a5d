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

/** The fenced blocks of a Markdown page. */
export async function codeBlocks(page: string): Promise<CodeBlock[]> {
  const markdown = await readFile(join(root, page), 'utf8')
  return [...markdown.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(({ index, 1: language = '', 2: file, 3: text = '' }) => ({
    language,
    file,
    text,
    line: markdown.slice(0, index).split('\n').length,
  }))
}
