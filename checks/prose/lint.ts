import { glob, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { TextlintKernel } from '@textlint/kernel'
import { codeExtensions, codePlugin } from './codeProse.ts'
import { markdownPlugin } from './markdown.ts'
import { rules } from './rules.ts'

/** Folders whose problems are not counted yet: `npm run check:prose -- FOLDER` lists them. */
const unfinished = ['bench/', 'cli/', 'client/', 'directory/', 'docs/', 'gameserver/', 'k8s/', 'local/', 'matchmaker/', 'model/', 'orchestrator/', 'service/']
unfinished.push('simulate/', 'store/', 'test/', 'README.md', 'SPEC.md', 'CHANGELOG.md', 'fleets/')

const files = [`**/*{${codeExtensions.join(',')}}`, '**/*.md']
const exclude = ['node_modules/**', '.strata/**', '.git/**']
const kernel = new TextlintKernel()

export async function checkProse(root: string): Promise<string> {
  const problems = await lintProse(root, (file) => !unfinished.some((folder) => file.startsWith(folder)))
  return problems.join('\n')
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
