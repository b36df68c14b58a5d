#!/usr/bin/env node
import { gameFolder } from '../service/installation.ts'
import { runCli } from './program.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(1) // a second Ctrl-C exits at once
    stopping.abort()
  })
}
// `strata status | head`: the reader has closed the pipe, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCli(process.argv.slice(2), {
  environment: process.env,
  folder: process.cwd(),
  root: gameFolder,
  out: process.stdout,
  problems: process.stderr,
  color: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '',
  columns: process.stdout.columns ?? 120,
  signal: stopping.signal,
  now: Date.now,
})
