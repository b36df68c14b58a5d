import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { StrataError } from '../model/errors.ts'
import { createLogger } from './log.ts'

interface Line {
  msg: string
  leftOut?: number
  kind?: string
}

function recorder(): { lines: Line[]; write(text: string): void } {
  const lines: Line[] = []
  return { lines, write: (text) => void lines.push(JSON.parse(text) as Line) }
}

it('X1: ten thousand refused requests write twenty lines and one that counts the rest; other lines are written meanwhile', async () => {
  const { lines, write } = recorder()
  const log = createLogger('test', 'info', { write })
  for (let n = 0; n < 10_000; n++) {
    const error = new StrataError('INTERNAL', { problem: `id ${n}`, id: String(n) })
    log.error({ err: error, url: `/v1/guild?${n}` }, error.message)
    if (n % 1_000 === 0) log.error({ copy: n }, 'could not reconcile a copy; trying again')
  }
  expect(lines.filter(({ msg }) => msg.startsWith('An internal error'))).toHaveLength(20)
  expect(lines.filter(({ msg }) => msg.startsWith('could not reconcile'))).toHaveLength(10)
  await sleep(1_300)
  expect(lines.filter(({ leftOut }) => leftOut !== undefined)).toEqual([
    expect.objectContaining({ leftOut: 9_980, kind: expect.stringMatching(/^INTERNAL An internal error/) }),
  ])
  log.error({ err: new StrataError('INTERNAL', { problem: 'later' }) }, 'An internal error occurred later')
  expect(lines.at(-1)?.msg).toBe('An internal error occurred later')
})

it('texts without an error, and lines of another level, are kinds of their own', () => {
  const { lines, write } = recorder()
  const log = createLogger('test', 'info', { write })
  for (let n = 0; n < 30; n++) {
    log.info('copy open')
    log.warn({ n }, 'copy open')
    log.info({ err: new Error('down') }, 'copy closed')
  }
  expect(lines).toHaveLength(60)
})

it('X1: a process exits although the reader of its log has gone and lines are left', async () => {
  const script = `
    const { createLogger } = await import(${JSON.stringify(new URL('log.ts', import.meta.url).href)})
    const log = createLogger('test', 'info')
    process.once('SIGTERM', () => { log.info('ends'); log.warn('has ended'); process.exit(7) })
    setInterval(() => {}, 1_000)
    log.info('started')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit', { signal: AbortSignal.timeout(20_000) })
  try {
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await once(child.stdout, 'close')
    child.kill('SIGTERM')
    expect(await exited).toEqual([7, null])
  } finally {
    child.kill('SIGKILL')
  }
})
