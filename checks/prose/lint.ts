import { glob, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { TextlintKernel } from '@textlint/kernel'
import { codeExtensions, codePlugin } from './codeProse.ts'
import { markdownPlugin } from './markdown.ts'
import { rules } from './rules.ts'

const files = [`**/*{${codeExtensions.join(',')}}`, '**/*.md']
const exclude = ['{,site/}node_modules/**', '.strata/**', '.git/**']
const kernel = new TextlintKernel()

export async function checkProse(root: string): Promise<string> {
  return (await lintProse(root, () => true)).join('\n')
}

/** Lints the prose of all chosen files below the root; one line for each problem. */
export async function lintProse(root: string, chosen: (file: string) => boolean): Promise<string[]> {
  const problems: string[] = []
  for await (const file of glob(files, { cwd: root, exclude })) {
    if (chosen(file)) problems.push(...(await lintText(file, await readFile(join(root, file), 'utf8'))))
  }
  return problems.sort()
}

export async function lintText(file: string, text: string): Promise<string[]> {
  const { messages } = await kernel.lintText(text, {
    ext: extname(file),
    filePath: file,
    plugins: [
      { pluginId: 'markdown', plugin: markdownPlugin },
      { pluginId: 'code', plugin: codePlugin },
    ],
    rules: Object.entries(rules).map(([ruleId, rule]) => ({ ruleId, rule })),
  })
  return messages.map(({ loc: { start }, message, ruleId }) => `${file}:${start.line}:${start.column} ${message} (${ruleId})`)
}
