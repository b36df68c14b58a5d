import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from 'commander'
import ts from 'typescript'
import { beforeAll, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { program } from '../../cli/program.ts'
import { type CodeBlock, codeBlocks, root } from './codeBlocks.ts'

/**
 * What surrounds a block that is a part of a program: the block is type-checked between these two. By the page and the number of its block among those of TypeScript
 * without a file.
 */
const surroundings: Readonly<Record<string, readonly { before: string; after?: string }[]>> = {
  'docs/how-to/chat.md': [
    {
      before: `import type { World } from '@strata/client'
declare const world: World
declare function show(channel: string, to: string | undefined, from: string, text: string, past?: unknown): void`,
    },
    {
      before: `import { runGameServer, type ChatDraft, type ZoneRoomClass } from '@strata/gameserver'
declare const MyRoom: ZoneRoomClass
declare const rude: RegExp
declare const moderation: { queue(draft: ChatDraft): Promise<void> }`,
    },
  ],
  'docs/how-to/colyseus-tools.md': [{ before: "import { Client } from '@colyseus/sdk'" }],
  'docs/how-to/fair-play.md': [
    { before: "import { GridWalls } from '@strata/gameserver'" },
    {
      before: `import { type Body, GridWalls, ZoneRoom } from '@strata/gameserver'
interface State { mana: number }
interface Step { x: number; y: number; ms: number }
declare const walls: GridWalls
abstract class Hall extends ZoneRoom<State, Step> {`,
      after: '}',
    },
    { before: `import type { ActionRule, GridWalls } from '@strata/gameserver'\ndeclare const walls: GridWalls` },
    {
      before: `import { type ActionRule, ZoneRoom } from '@strata/gameserver'
import { z } from 'zod'
const slashMessage = z.strictObject({ target: z.int(), seenTick: z.int() })
declare const slash: ActionRule
abstract class Hall extends ZoneRoom<{ mana: number }, unknown> {
  override setUp(): void {`,
      after: '  }\n}',
    },
  ],
  'docs/how-to/extend.md': [
    {
      before: `import { runGameServer, type ZoneRoomClass } from '@strata/gameserver'
import { fileStates } from './docs/how-to/extend/fileStates.ts'
declare const MyZone: ZoneRoomClass`,
    },
  ],
}

const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].sort()
const blocks: (CodeBlock & { page: string })[] = []
beforeAll(async () => {
  for (const page of pages) for (const block of await codeBlocks(page)) blocks.push({ ...block, page })
})
const unindented = (text: string): string => text.replaceAll(/^ +/gm, '')

it('every block of TypeScript or YAML that names a file is a part of that file', () => {
  const wrong = blocks
    .filter(({ file, language }) => file !== undefined && file !== 'fragment' && (language === 'ts' || language === 'yaml'))
    .filter(({ file = '', text }) => !unindented(readFileSync(join(root, file), 'utf8')).includes(unindented(text)))
  expect(wrong.map(({ page, line, file }) => `${page}:${line} is no part of ${file}`)).toEqual([])
})

it('every other block of TypeScript is type-checked in its surroundings', { timeout: 300_000 }, () => {
  const free = blocks.filter(({ language, file }) => language === 'ts' && (file === undefined || file === 'fragment'))
  const files = new Map<string, { page: string; line: number; text: string }>()
  for (const [page, own] of Map.groupBy(free, (block) => block.page)) {
    for (const [index, { line, text }] of own.entries()) {
      const around = surroundings[page]?.[index]
      expect(around, `${page}:${line} needs surroundings in this test, or the name of a file after the language`).toBeDefined()
      files.set(join(root, `example-${files.size}.ts`), { page, line, text: `${around?.before}\n${text}\n${around?.after ?? ''}\nexport {}\n` })
    }
  }
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'))
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.getSourceFile = (name, language, ...rest) =>
    files.has(name) ? ts.createSourceFile(name, files.get(name)?.text ?? '', language) : getSourceFile.call(host, name, language, ...rest)
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name)
  const compiled = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false, noUnusedParameters: false }, host)
  const problems = [...files].flatMap(([name, { page, line }]) => {
    const source = compiled.getSourceFile(name)
    return [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${page}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    )
  })
  expect(files.size).toBeGreaterThan(3)
  expect(problems).toEqual([])
})

it('every block of YAML and JSON is valid', () => {
  const problems = blocks.flatMap(({ page, line, language, text }) => {
    if (language !== 'yaml' && language !== 'json') return []
    // One object, or one a line.
    if (language === 'json' && isJson(text)) return []
    if (language === 'json') return text.split('\n').flatMap((row, index) => (row === '' || isJson(row) ? [] : [`${page}:${line + index + 1} is no JSON`]))
    return parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => `${page}:${line} ${message}`))
  })
  expect(problems).toEqual([])
})

it('every shell block parses, and each command of strata and npm in it exists with its options', { timeout: 120_000 }, async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const strata = program({ environment: {}, columns: 120, out: process.stdout, problems: process.stderr } as unknown as Parameters<typeof program>[0]) // only its commands are read
  const problems: string[] = []
  for (const { page, line, language, text } of blocks) {
    if (language !== 'sh') continue
    await promisify(execFile)('bash', ['-n', '-c', text.replaceAll('…', 'x')]).catch((error: Error) => problems.push(`${page}:${line} ${error.message}`))
    for (const command of text.split('\n').flatMap((one) => one.replace(/(^|\s)#.*/, '').split(/&&|\||;|\$\(/))) {
      const [, args] = /^\s*(?:npx )?(?:kubectl )?strata (?:--context \S+ )?((?!start|simulate|bots).+)/.exec(command) ?? []
      const problem = args === undefined ? undefined : commandProblem(strata, args)
      if (problem !== undefined) problems.push(`${page}:${line} strata ${args}: ${problem}`)
      const [, script] = /^\s*npm run (?:-s )?([\w:-]+)/.exec(command) ?? []
      if (script !== undefined && scripts[script] === undefined) problems.push(`${page}:${line} there is no script ${script}`)
    }
  }
  expect(problems).toEqual([])
})

it('every link between pages leads to a page, and its heading exists', () => {
  const broken: string[] = []
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      const [path = '', heading] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, file))) broken.push(`${page}: ${target}`)
      else if (heading !== undefined && file.endsWith('.md') && !headingsOf(file).has(heading)) broken.push(`${page}: ${target}`)
    }
  }
  expect(broken).toEqual([])
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The anchors of a page, as GitHub makes them. */
function headingsOf(file: string): Set<string> {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^```.*?^```$/gms, '')
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  )
}

function commandProblem(strata: Command, args: string): string | undefined {
  let command = strata
  const words = args.split(/\s+/).filter((word) => word !== '')
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
    if (next === undefined) break
    command = next
  }
  if (command === strata) return `there is no command ${words[0]}`
  for (const word of words) {
    const [, option] = /^(--[a-z-]+)/.exec(word) ?? []
    if (option !== undefined && ![command, strata].some(({ options }) => options.some(({ long }) => long === option))) return `there is no option ${option}`
  }
  return undefined
}
