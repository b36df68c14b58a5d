import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { statusResponse } from '../../model/wire/admin.ts'
import { strata } from '../cli/terminal.ts'
import { root } from './codeBlocks.ts'

let folder: string
let stack: AsyncDisposableStack
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-tutorial-'))
  stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(() => stack.disposeAsync())

/** A process whose words are kept; Ctrl-C ends it. */
class Spoken implements AsyncDisposable {
  said = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #heard = new Set<() => void>()

  constructor(settings: Record<string, string>, script: string, ...args: string[]) {
    // A Redis and a PostgreSQL of its own: those of the tests belong to all.
    const { REDIS_URL: _redis, DATABASE_URL: _database, ...env } = process.env
    this.#child = spawn(process.execPath, [script, ...args], { cwd: root, env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.said += chunk.toString()
        for (const look of this.#heard) look()
      })
    }
    this.#ended = once(this.#child, 'exit')
  }

  async says(what: string | RegExp, withinMs: number): Promise<void> {
    const said = (): boolean => (typeof what === 'string' ? this.said.includes(what) : what.test(this.said))
    const heard = Promise.withResolvers<void>()
    const look = (): void => (said() ? heard.resolve() : undefined)
    this.#heard.add(look)
    const timer = setTimeout(() => heard.reject(new Error(`not said within ${withinMs} ms: ${what}\n${this.said}`)), withinMs)
    look()
    await Promise.race([heard.promise, this.#ended.then(() => heard.reject(new Error(`ended before it said ${what}\n${this.said}`)))]).finally(() => {
      clearTimeout(timer)
      this.#heard.delete(look)
    })
    await heard.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGINT')
    await this.#ended
  }
}

it('M5: the tutorial as it is written: a zone of one’s own is played, its server drained, and nobody goes out of sight', { timeout: 200_000 }, async () => {
  const ports = ['--matchmaker-port', '0', '--orchestrator-port', '0']
  const started = stack.use(new Spoken({}, 'local/main.ts', '--policies', 'docs/tutorial/first-zone/fleets', '--state', folder, '--bots', '0', ...ports))
  await started.says('ready', 100_000)
  const endpoints = JSON.parse(await readFile(join(folder, 'endpoints.json'), 'utf8')) as { matchmaker: string } // written by npm start
  const play = (...args: string[]) => stack.use(new Spoken({ STRATA_MATCHMAKER: endpoints.matchmaker }, 'docs/tutorial/first-zone/play.ts', ...args))
  const ada = play('Ada', 'Bob')
  await ada.says('Ada is in sight', 15_000)
  const bob = play('Bob')
  await Promise.all([ada.says('Bob is in sight', 15_000), bob.says('Ada is in sight', 15_000), ada.says('"by":"Ada","count":1', 15_000)])

  const environment = { STRATA_STATE: folder }
  const inhabited = async () =>
    statusResponse.parse(JSON.parse((await strata(['status', '--json'], { environment })).out)).copies.filter(({ players }) => players > 0)
  const [before] = await inhabited()
  expect(await strata(['drain', before?.server ?? '', '--wait', '--timeout', '40s'], { environment })).toMatchObject({ code: 0, problems: '' })
  await Promise.all([ada.says('moved by drain', 10_000), bob.says('moved by drain', 10_000)])
  expect((await inhabited()).map(({ server, players }) => ({ old: server === before?.server, players }))).toEqual([{ old: false, players: 2 }])
  expect(await strata(['explain', 'Ada'], { environment })).toMatchObject({ code: 0, out: expect.stringMatching(/moved to glade[\s\S]*placed in glade/) })
  // Lanterns lit before the move are remembered after it.
  await ada.says(/moved by drain[\s\S]*"by":"Ada","count":([2-9]|\d\d)/, 20_000)
  expect(`${ada.said}${bob.said}`).not.toContain('out of sight')
})
