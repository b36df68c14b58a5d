import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { gameFolder } from '../../service/installation.ts'
import { scratchFolder } from './terminal.ts'

const run = promisify(execFile)
// Each command is a separate process, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 })
let bin: string
/** Linked as npm does it, without Node in PATH: the launcher uses the Node of the checkout. */
const options = { env: { PATH: '/usr/bin:/bin', STRATA_STATE: '/nonexistent' }, timeout: 30_000 }

beforeAll(async () => {
  bin = await scratchFolder()
  await symlink(join(gameFolder, 'cli/strata.sh'), join(bin, 'strata'))
})
afterAll(() => rm(bin, { recursive: true }))

const strata = (...args: string[]) => run(join(bin, 'strata'), args, { ...options, cwd: bin })

it('runs from any folder with the Node of the checkout', async () => {
  const { stdout } = await strata('--help')
  for (const command of ['status', 'explain', 'lint', 'simulate', 'bots', 'drain', 'start', 'audit'])
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
  expect(stdout).toContain('Exit codes: 0 done, 1 refused or problems found, 2 wrong use, 3 the service does not answer, 130 ended by Ctrl-C.')
  expect((await strata('lint', join(gameFolder, 'fleets'))).stdout).toContain('are good')
})

it('start runs the script of npm start, with its options, help and exit code', async () => {
  expect((await strata('start', '--help')).stdout).toContain('npm start --')
  await expect(strata('start', '--bots', 'many')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('write a whole number') })
})

it('bots runs the bots of the demo, if a matchmaker answers', async () => {
  expect((await strata('bots', '--help')).stdout).toContain('Usage: strata bots')
  const nobody = { ...options.env, STRATA_MATCHMAKER: 'http://127.0.0.1:7' }
  const asked = run(join(bin, 'strata'), ['bots', '--bots', '1'], { ...options, env: nobody })
  await expect(asked).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('the matchmaker at http://127.0.0.1:7') })
})

it('exits with 3 when nothing listens, and with 2 for wrong use', async () => {
  await expect(strata('explain', 'Ada', '--matchmaker', 'http://127.0.0.1:7')).rejects.toMatchObject({ code: 3 })
  await expect(strata('sttus')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean status?') })
})

it('Ctrl-C ends a request at once', async () => {
  const asked = Promise.withResolvers<void>()
  const silent = createServer(() => asked.resolve()).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo // it listens on a port, not on a pipe
  const child = spawn(join(bin, 'strata'), ['status', '--orchestrator', `http://127.0.0.1:${port}`], { ...options, cwd: bin })
  await asked.promise
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([130, null])
  silent.closeAllConnections()
  silent.close()
})
