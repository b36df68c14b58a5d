import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { createHttp } from '../service/http.ts'
import { isPackage } from '../service/installation.ts'
import type { Logger } from '../service/log.ts'
import { buildPage, pageFolder } from './pages.ts'
import { choosePort } from './services/ports.ts'

const page = { name: 'demo', folder: 'client/demo', sources: ['client/**/*.ts', 'gameserver/demo/*.ts', 'gameserver/demo/c*/*.ts', 'model/**/*.ts'] }

/** Text in the page where the address of the matchmaker belongs (client/demo/index.html). */
const MATCHMAKER_MARK = '__STRATA_MATCHMAKER__'
/** Pages of the build. */
const pages = { '/': 'index.html', '/crowd.html': 'crowd.html' } as const

export interface DemoServer extends AsyncDisposable {
  url: string
}

/** Builds the demo's page when it is missing or older than its sources. The npm package has no demo: there the game has a page of its own. */
export async function buildDemo(step: (what: string) => void, stopping: AbortSignal): Promise<void> {
  if (!isPackage) await buildPage(page, step, stopping)
}

/** Serves the browser demo for the players of one world. Undefined when it is not built. */
export async function serveDemo({ matchmaker, port: wanted, log }: { matchmaker: string; port: number; log: Logger }): Promise<DemoServer | undefined> {
  const folder = pageFolder(page)
  if (isPackage || !existsSync(join(folder, 'index.html'))) return undefined
  const http = createHttp(log, undefined)
  await http.register(fastifyStatic, { root: join(folder, 'assets'), prefix: '/assets/', decorateReply: false, immutable: true, maxAge: '365d', index: false })
  const send = async (reply: FastifyReply, file: string): Promise<FastifyReply> => {
    const html = await readFile(join(folder, file), 'utf8')
    void reply.headers({ 'content-security-policy': contentPolicy(matchmaker), 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    return reply.type('text/html; charset=utf-8').send(html.replaceAll(MATCHMAKER_MARK, matchmaker))
  }
  for (const [path, file] of Object.entries(pages)) http.get(path, (_request, reply) => send(reply, file))
  const port = await choosePort(wanted, '--demo-port PORT (0: any free port)')
  await http.listen({ host: '127.0.0.1', port })
  const { port: used } = http.server.address() as AddressInfo // it listens on a port
  return { url: `http://127.0.0.1:${used}`, [Symbol.asyncDispose]: () => http.close() }
}

/** No script or style but the build's own. The page talks to the matchmaker, and to game servers at any port. */
function contentPolicy(matchmaker: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    `connect-src 'self' ${matchmaker} http://127.0.0.1:* ws://127.0.0.1:*`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ')
}
