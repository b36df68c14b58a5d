import { access, glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { codeBlocks, root } from './codeBlocks.ts'

async function pages(): Promise<string[]> {
  const found: string[] = []
  for await (const page of glob('docs/**/*.md', { cwd: root })) found.push(page)
  return found.sort()
}

it('TypeScript on the tutorial’s page is a part of files that are type-checked, word by word', async () => {
  const blocks = (await codeBlocks('docs/tutorial/first-zone.md')).filter(({ language }) => language === 'ts' || language === 'yaml')
  expect(blocks.length).toBeGreaterThan(10)
  for (const { file, text, line } of blocks) {
    expect(file, `the block at line ${line} names its file after the language`).toBeDefined()
    const source = await readFile(join(root, file ?? ''), 'utf8')
    expect(unindented(source).includes(unindented(text)), `first-zone.md:${line} is a part of ${file}`).toBe(true)
  }
})

it('links between pages lead somewhere', async () => {
  const dead: string[] = []
  for (const page of await pages()) {
    const markdown = (await readFile(join(root, page), 'utf8')).replaceAll(/^```.*?^```$/gms, '')
    for (const [, target = ''] of markdown.matchAll(/\]\((?!https?:)([^)#\s]+)/g)) {
      const there = await access(join(root, dirname(page), target)).then(
        () => true,
        () => false,
      )
      if (!there) dead.push(`${page}: ${target}`)
    }
  }
  expect(dead).toEqual([])
})

it('docs/README.md leads to every page', async () => {
  const index = await readFile(join(root, 'docs/README.md'), 'utf8')
  const missing = (await pages()).filter(
    (page) => page !== 'docs/README.md' && !page.startsWith('docs/decisions/') && !index.includes(`(${page.slice('docs/'.length)})`),
  )
  expect(missing).toEqual([])
})

/** The formatter moves blocks of YAML to the left. */
function unindented(text: string): string {
  return text.replaceAll(/^ +/gm, '')
}
