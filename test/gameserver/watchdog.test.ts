import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { until } from './harness/servers.ts'
import { serversOfFile } from './harness/serversOfFile.ts'

const servers = await serversOfFile()
const END_AFTER_MS = 3_000

it('L4, D2: a hook that never returns is named with its copy, the process ends, and its player enters elsewhere', { timeout: 90_000 }, async () => {
  const lines: string[] = []
  const game = { main: 'test/gameserver/fixtures/loopMain.ts', onOutput: (text: string) => void lines.push(text) }
  const server = await servers.server({ WATCHDOG_MS: String(END_AFTER_MS) }, game)
  const copy = await servers.open('maze', 'maze-1', server)
  const holder = await servers.holder('Lost Lou')
  const player = await servers.enter(holder, copy)

  // A pause of the whole process is no hang: both threads go on where they were.
  server.process.kill('SIGSTOP')
  await pause(2 * END_AFTER_MS)
  server.process.kill('SIGCONT')
  await until('the server answers again', async () => (await fetch(`${server.probes}/healthz`)).ok, 20_000)
  await pause(1_000)
  expect([server.process.exitCode, server.process.signalCode]).toEqual([null, null])
  expect(lines.join('')).not.toContain('hangs')

  player.room.send('loop', {})
  await server.ended
  expect(server.process.signalCode).toBe('SIGKILL')
  const log = lines
    .join('')
    .split('\n')
    .filter((line) => line.includes('the event loop hangs'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(log.at(-1)).toMatchObject({ level: 60, copy: 'maze-1', hook: 'message loop' })
  expect(log.at(-1)?.['silentMs']).toBeGreaterThanOrEqual(END_AFTER_MS)

  const other = await servers.server({}, { main: game.main })
  const next = await servers.open('maze', 'maze-2', other)
  await servers.directory.removeCopy('maze', 'maze-1')
  await servers.directory.removeServer(server.name)
  expect((await (await servers.enter(holder, next)).live()).copy).toBe('maze-2')
})
