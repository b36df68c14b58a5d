import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { codeBlocks, root } from './codeBlocks.ts'

async function pages(): Promise<string[]> {
  const found: string[] = []
  for await (const page of glob('docs/**/*.md', { cwd: root })) found.push(page)
  return found.sort()
}

it.each([
  ['docs/tutorial/first-zone.md', 10],
  ['docs/how-to/client-view.md', 1],
  ['docs/how-to/combat.md', 8],
])('every block of TypeScript and YAML in %s is a part of a file that is type-checked', async (page, least) => {
  const blocks = (await codeBlocks(page)).filter(({ language }) => language === 'ts' || language === 'yaml')
  expect(blocks.length).toBeGreaterThanOrEqual(least)
  for (const { file, text, line } of blocks) {
    expect(file, `the block at line ${line} names its file after the language`).toBeDefined()
    const source = await readFile(join(root, file ?? ''), 'utf8')
    expect(unindented(source).includes(unindented(text)), `${page}:${line} is a part of ${file}`).toBe(true)
  }
})

it('docs/README.md links to every page except the decisions', async () => {
  const index = await readFile(join(root, 'docs/README.md'), 'utf8')
  const missing = (await pages()).filter(
    (page) => page !== 'docs/README.md' && !page.startsWith('docs/decisions/') && !index.includes(`(${page.slice('docs/'.length)})`),
  )
  expect(missing).toEqual([])
})

/** Without indentation, because the formatter moves blocks of YAML to the left. */
function unindented(text: string): string {
  return text.replaceAll(/^ +/gm, '')
}
