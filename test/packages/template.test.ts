import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../packages/build.ts'
import { npm, run } from './npm.ts'
import { Running } from './running.ts'

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const hasBrowser = existsSync(browserPath)
if (!hasBrowser) process.stderr.write(`NOT TESTED: the game in a browser. There is no ${browserPath}; install chromium, or set CHROMIUM to a browser.\n`)

let folder: string
let game: string
let start: string[]
/** When the first command began, in ms. */
let began: number

/** The two commands of the tutorial, with the packed packages in place of the registry. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-template-'))
  const page = await readFile(join(root, 'docs/tutorial/own-game.md'), 'utf8')
  const [create = '', then = ''] = /```sh\n([\s\S]*?)```/.exec(page)?.[1]?.trim().split('\n') ?? []
  expect(create).toMatch(/^npm create strata@latest my-game$/)
  const tarballs = inject('tarballs')
  const packed = tarballs['create-strata'] ?? ''
  began = performance.now()
  await npm(folder, 'exec', '--yes', `--package=${packed}`, '--', 'create-strata', 'my-game', '--packages', dirname(packed))
  const [, into = '', command = ''] = /^cd (\S+) && (.*)$/.exec(then) ?? []
  game = join(folder, into)
  start = command.split(' ')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

it.skipIf(!hasBrowser)('two commands, then a player walks about in a browser among bots, and through the door into a cave', async () => {
  const [program = '', ...args] = start
  await using world = new Running(game, program, ...args, '--', '--matchmaker-port', '0', '--orchestrator-port', '0')
  const [, address = ''] = await world.prints(/^vite +(http\S+)/m, 200_000)
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(address)
    await shows(page, ({ x }) => Number.isFinite(Number(x)))
    process.stdout.write(`from nothing to a character in the browser: ${Math.round((performance.now() - began) / 1_000)} s\n`)
    const before = Number((await seen(page)).x)
    await page.keyboard.down('ArrowRight')
    await shows(page, ({ x }) => Number(x) > before + 3)
    await page.keyboard.up('ArrowRight')
    await world.prints(/bots 20\/20/)
    await enterCave(page)
    expect(problems).toEqual([])
  } finally {
    await browser.close()
  }
})

it('the tests and checks of the new project pass, and its page builds', async () => {
  await npm(game, 'run', 'check')
  await npm(game, 'test')
  await npm(game, 'run', 'build')
  expect(existsSync(join(game, 'dist', 'index.html'))).toBe(true)
})

it('the overlay names folders and scripts that the installed packages have', async () => {
  const overlay = parse(await readFile(join(game, 'k8s', 'kustomization.yaml'), 'utf8'))
  expect(overlay.namespace).toBe('my-game')
  for (const resource of overlay.resources) expect(existsSync(join(game, 'k8s', resource)), resource).toBe(true)
  const scripts = [...JSON.stringify(overlay.patches).matchAll(/value: (\S+\.js)/g)].map(([, script = '']) => script)
  expect(scripts).toHaveLength(3)
  for (const script of scripts) expect(existsSync(join(game, script)), script).toBe(true)
  const base = await readFile(join(game, 'node_modules/@strata/cli/k8s/base/kustomization.yaml'), 'utf8')
  for (const resource of parse(base).resources) expect(existsSync(join(game, 'node_modules/@strata/cli/k8s/base', resource)), resource).toBe(true)
})

it('refuses a folder that is not empty, and a name that npm refuses', async () => {
  const create = (name: string) => run(folder, 'node', join(root, 'packages/create-strata/main.ts'), name, '--no-install')
  await expect(create('my-game')).rejects.toThrow('is not empty: name another folder')
  await expect(create('My Game')).rejects.toThrow('use lower-case letters')
})

type Seen = Partial<Record<'map' | 'x' | 'y' | 'seen', string>>

/** What the page's script writes for tests. */
const seen = (page: Page): Promise<Seen> => page.evaluate(() => ({ ...document.body.dataset }))

/** Walks to the door in short steps and presses its key, until the page shows the cave. */
async function enterCave(page: Page): Promise<void> {
  for (const deadline = AbortSignal.timeout(90_000); !deadline.aborted; ) {
    const { map, x } = await seen(page)
    if (map === 'cave') return
    const key = Number(x) > 1 ? 'ArrowLeft' : Number(x) < -1 ? 'ArrowRight' : 'KeyE'
    await page.keyboard.press(key, { delay: 100 })
    await page.waitForTimeout(key === 'KeyE' ? 1_000 : 200)
  }
  throw new Error(`the page does not show the cave: ${JSON.stringify(await seen(page))}, ${await page.textContent('#status')}`)
}

async function shows(page: Page, wanted: (seen: Seen) => boolean): Promise<void> {
  await expect.poll(async () => wanted(await seen(page)), { timeout: 60_000, interval: 100, message: JSON.stringify(await seen(page)) }).toBe(true)
}
