import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { statusResponse } from '../../model/wire/admin.ts'
import { strata } from '../cli/terminal.ts'
import { OutputProcess } from './outputProcess.ts'

let folder: string
let stack: AsyncDisposableStack
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-tutorial-'))
  stack = new AsyncDisposableStack()
  stack.defer(() => rm(folder, { recursive: true, force: true }))
})
afterEach(() => stack.disposeAsync())

it('M5: the tutorial works as written: two players keep seeing each other while their server is drained', { timeout: 200_000 }, async () => {
  const ports = ['--matchmaker-port', '0', '--orchestrator-port', '0']
  const started = stack.use(new OutputProcess({}, 'local/main.ts', '--policies', 'docs/tutorial/first-zone/fleets', '--state', folder, '--bots', '0', ...ports))
  await started.prints('ready', 100_000)
  const endpoints = JSON.parse(await readFile(join(folder, 'endpoints.json'), 'utf8')) as { matchmaker: string } // written by npm start
  const play = (...args: string[]) => stack.use(new OutputProcess({ STRATA_MATCHMAKER: endpoints.matchmaker }, 'docs/tutorial/first-zone/play.ts', ...args))
  const ada = play('Ada', 'Bob')
  await ada.prints('Ada is in sight', 15_000)
  const bob = play('Bob')
  await Promise.all([ada.prints('Bob is in sight', 15_000), bob.prints('Ada is in sight', 15_000), ada.prints('"by":"Ada","count":1', 15_000)])

  const environment = { STRATA_STATE: folder }
  const inhabited = async () =>
    statusResponse.parse(JSON.parse((await strata(['status', '--json'], { environment })).out)).copies.filter(({ players }) => players > 0)
  const [before] = await inhabited()
  expect(await strata(['drain', before?.server ?? '', '--wait', '--timeout', '40s'], { environment })).toMatchObject({ code: 0, problems: '' })
  await Promise.all([ada.prints('moved by drain', 10_000), bob.prints('moved by drain', 10_000)])
  expect((await inhabited()).map(({ server, players }) => ({ old: server === before?.server, players }))).toEqual([{ old: false, players: 2 }])
  expect(await strata(['explain', 'Ada'], { environment })).toMatchObject({ code: 0, out: expect.stringMatching(/moved to glade[\s\S]*placed in glade/) })
  // The count of lanterns includes those lit before the move.
  await ada.prints(/moved by drain[\s\S]*"by":"Ada","count":([2-9]|\d\d)/, 20_000)
  // The slow state is that of the new copy, with what the game declares.
  await ada.prints(/moved by drain[\s\S]*2 in the glade, [1-6] lanterns burn, I lit ([2-9]|\d\d)/, 20_000)
  expect(`${ada.output}${bob.output}`).not.toContain('out of sight')
})
