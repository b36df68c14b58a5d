import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildConsole } from '../../local/console.ts'
import type { LiveCopy, LiveDelta, LiveMessage, LiveWorld } from '../../model/wire/live.ts'
import { hasBrowser, launch, screenshot } from './chromium.ts'

const COPIES = 1_000
const PLAYERS_PER_COPY = 50
const MAPS = 20
/** Each second a fifth of the copies changes, and as many players move as 50,000 at one move in ten minutes. */
const CHANGED_PER_MESSAGE = COPIES / 10
const MOVES_PER_MESSAGE = 40
const EVERY_MS = 500
const MEASURED_MS = 10_000

let browser: Browser
let server: Server
let url: string

/** Answers as the orchestrator of a large world would; the page is the built one. No real world of this size fits on one machine. */
describe.skipIf(!hasBrowser)('the console with 1,000 copies and 50,000 players', () => {
  beforeAll(async () => {
    await buildConsole(() => undefined, new AbortController().signal)
    server = createServer((request, response) => void answer(request.url ?? '/', response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
    browser = await launch()
  })
  afterAll(async () => {
    await browser?.close()
    server?.closeAllConnections()
    server?.close()
  })

  it('draws all of them and goes on drawing while they change', async () => {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } })
    await page.goto(`${url}/console/`)
    await page.getByRole('application', { name: new RegExp(`^${COPIES} copies on ${MAPS} maps`) }).waitFor({ timeout: 60_000 })
    const frames = await page.evaluate(
      (measuredMs) =>
        new Promise<{ perSecond: number; longestMs: number }>((done) => {
          const start = performance.now()
          let [count, last, longestMs] = [0, start, 0]
          const frame = (now: number): void => {
            count++
            longestMs = Math.max(longestMs, now - last)
            last = now
            if (now - start < measuredMs) requestAnimationFrame(frame)
            else done({ perSecond: (count * 1000) / (now - start), longestMs })
          }
          requestAnimationFrame(frame)
        }),
      MEASURED_MS,
    )
    await screenshot(page, 'scale')
    process.stdout.write(`${JSON.stringify({ copies: COPIES, players: COPIES * PLAYERS_PER_COPY, ...frames })}\n`)
    // The figure is printed: a shared machine says nothing about it. A page that is stuck draws less than one frame a second.
    expect(frames.perSecond).toBeGreaterThan(1)
  })
})

const types: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }

async function answer(path: string, response: import('node:http').ServerResponse): Promise<void> {
  if (path === '/v1/session') return void json(response, { person: { name: 'scale', roles: ['viewer'], scopes: ['view'], csrf: 'x' }, methods: ['password'] })
  if (path === '/v1/live') return live(response)
  if (path.startsWith('/console/assets/'))
    return void response
      .setHeader('content-type', types[extname(path)] ?? 'text/plain')
      .end(await readFile(join('console/dist', path.slice('/console/'.length))))
  response.setHeader('content-type', 'text/html').end(await readFile('console/dist/index.html'))
}

function json(response: import('node:http').ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
}

function live(response: import('node:http').ServerResponse): void {
  response.setHeader('content-type', 'text/event-stream')
  const send = (message: LiveMessage): unknown => response.write(`data: ${JSON.stringify(message)}\n\n`)
  const copies = Array.from({ length: COPIES }, (_, index): LiveCopy => copyOf(index, PLAYERS_PER_COPY))
  send({ type: 'world', at: 0, ...worldOf(copies) })
  let round = 0
  const timer = setInterval(() => {
    round++
    const at = (offset: number): number => (round * CHANGED_PER_MESSAGE + offset * 7) % COPIES
    const changed = Array.from({ length: CHANGED_PER_MESSAGE }, (_, index) => copyOf(at(index), (PLAYERS_PER_COPY + round + index) % 100))
    const flows = Array.from({ length: MOVES_PER_MESSAGE }, (_, index): [string, string, number] => [`copy-${at(index)}`, `copy-${at(index + 3)}`, 1])
    const delta: LiveDelta = { copies: changed, flows }
    send({ type: 'delta', at: round * EVERY_MS, ...delta })
  }, EVERY_MS)
  response.once('close', () => clearInterval(timer))
}

function copyOf(index: number, players: number): LiveCopy {
  return {
    id: `copy-${index}`,
    map: `map-${index % MAPS}`,
    server: `server-${index % 100}`,
    state: index % 17 === 0 ? 'closing' : 'open',
    players,
    held: 0,
    created: index,
    since: index,
  }
}

function worldOf(copies: LiveCopy[]): LiveWorld {
  const maps = Array.from({ length: MAPS }, (_, index) => ({ map: `map-${index}`, kind: 'zone' as const, soft: 80, hard: 100, waiting: 0, policyVersion: 'x' }))
  const totals = { copiesOpened: 0, copiesMerged: 0, movesOrdered: 0, seatsOverHardCap: 0, partySplits: 0 }
  return { leader: true, ready: true, maps, copies, servers: [], holds: [], totals }
}
