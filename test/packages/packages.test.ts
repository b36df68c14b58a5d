import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { checkClientSize } from '../../packages/clientSize.ts'
import { npm, run } from './npm.ts'
import { Running } from './running.ts'

/** A studio's project with the packed packages: a game of one map. */
let game: string
beforeAll(async () => {
  game = await mkdtemp(join(tmpdir(), 'strata-game-'))
  await cp(join(import.meta.dirname, 'fixtures', 'game'), game, { recursive: true })
  await writeFile(join(game, 'package.json'), '{ "name": "game", "private": true, "type": "module" }\n')
  await npm(game, 'install', '--no-audit', '--no-fund', ...Object.values(inject('tarballs')), 'vite@8', 'typescript@5')
})
afterAll(() => rm(game, { recursive: true, force: true }))

it('the declarations of the packages serve a strict project that checks them, too', async () => {
  const options = {
    strict: true,
    module: 'nodenext',
    target: 'es2024',
    lib: ['es2024', 'dom'],
    types: ['node'],
    noEmit: true,
    allowImportingTsExtensions: true,
  }
  await writeFile(join(game, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['server', 'play.ts', 'web'] }))
  // Without `skipLibCheck` the compiler also reports what is wrong in declarations of other packages.
  const printed = await run(game, 'npx', 'tsc', '-p', '.').catch((error: { stdout: string }) => error.stdout)
  expect(printed.split('\n').filter((line) => /^(?:node_modules\/@strata|server|web|play)/.test(line))).toEqual([])
})

it('Vite builds a browser bundle that has no module of Node, and the client stays small', async () => {
  await run(game, 'npx', 'vite', 'build', 'web', '--logLevel', 'error', '--outDir', '../out', '--target', 'es2022')
  const html = await readFile(join(game, 'out', 'index.html'), 'utf8')
  const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? []
  expect(await readFile(join(game, 'out', script), 'utf8')).not.toMatch(/["']node:|__vite-browser-external/)
  expect(await checkClientSize()).toBe('')
})

it('the CLI runs the world of a game; a client enters from Node, and stays in when the code of the server is saved', async () => {
  expect(await run(game, 'npx', 'strata', 'lint')).toContain('1 policy and 1 Fleet in 2 files are good')
  const ports = ['--matchmaker-port', '0', '--orchestrator-port', '0']
  await using world = new Running(game, 'npx', 'strata', 'start', '--no-view', '--watch', 'server', ...ports)
  const [, matchmaker = ''] = await world.prints(/players +(http:\S+)/)
  await using player = new Running(game, 'node', 'play.ts', matchmaker)
  await player.prints(/walked two metres/)
  expect(await run(game, 'npx', 'strata', 'status')).toMatch(/meadow +1 player in 1 copy/)

  const code = join(game, 'server', 'main.ts')
  const good = await readFile(code, 'utf8')
  await writeFile(code, `${good}\nthis is no code\n`)
  await world.prints(/the game servers stay as they are[\s\S]*this is no code/)
  await writeFile(code, good.replace('const SPEED = 5', 'const SPEED = 7'))
  await world.prints(/code changed: meadow-\S+ started/)
  await player.prints(/moved by drain; \{"speed":7\}/)
  expect(player.output).not.toContain('closed')
})
