import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { commandOf } from '../local/services/ownedProcess.ts'

const root = dirname(import.meta.dirname)
const services = ['postgres', 'redis']
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strata-stop-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Runs `command` with `TMPDIR` set to `folder`, and waits until it has started both services there. */
async function started(command: string, args: readonly string[]): Promise<{ child: ChildProcess; pids: number[] }> {
  const { DATABASE_URL: _, REDIS_URL: __, ...env } = process.env
  const child = spawn(command, args, { cwd: root, env: { ...env, TMPDIR: folder }, stdio: 'ignore' })
  // A test that fails leaves no process behind.
  onTestFinished(() => void child.kill('SIGTERM'))
  const pids = await vi.waitFor(
    async () => {
      // Node keeps its compile cache there, too.
      const own = (await readdir(folder)).find((name) => !name.startsWith('node-compile-cache'))
      return await Promise.all(
        services.map(async (service): Promise<number> => JSON.parse(await readFile(join(folder, own ?? '', service, 'process.json'), 'utf8')).pid),
      )
    },
    { timeout: 60_000, interval: 50 },
  )
  expect(pids.map((pid) => commandOf(pid) === undefined)).toEqual([false, false])
  return { child, pids }
}

const untilGone = (pids: readonly number[]): Promise<void> =>
  vi.waitFor(() => expect(pids.map(commandOf)).toEqual(pids.map(() => undefined)), { timeout: 60_000, interval: 50 })

const bench = ['bench/main.ts', 'queue', '--players', '200']
const testServices = ['--input-type=module', '-e', "await (await import('./test/services.ts')).default(); setInterval(() => undefined, 1_000)"]

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('a bench that gets %s stops its services and removes their files', { timeout: 150_000 }, async (signal) => {
  const { child, pids } = await started(process.execPath, bench)
  const exited = once(child, 'exit')
  child.kill(signal)
  // npm repeats a signal that the whole process group got already.
  await pause(20)
  child.kill(signal)
  expect(await exited).toEqual([1, null])
  await untilGone(pids)
  expect(await readdir(folder)).toEqual([])
})

it('a bench stops its services when its parent process is killed', { timeout: 150_000 }, async () => {
  const { child, pids } = await started('/bin/sh', ['-c', `"${process.execPath}" ${bench.join(' ')}; true`])
  child.kill('SIGKILL')
  await untilGone(pids)
})

it('npm start stops its services when its parent process is killed', { timeout: 150_000 }, async () => {
  const start = `"${process.execPath}" local/main.ts --bots 0 --no-view --state "${folder}/state" --matchmaker-port 0 --orchestrator-port 0; true`
  const { child, pids } = await started('/bin/sh', ['-c', start])
  child.kill('SIGKILL')
  await untilGone(pids)
})

it.each(['SIGHUP', 'SIGKILL'] as const)('the services of the tests stop when their owner gets %s', { timeout: 150_000 }, async (signal) => {
  const { child, pids } = await started(process.execPath, testServices)
  child.kill(signal)
  await untilGone(pids)
})
