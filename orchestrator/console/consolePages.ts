import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import type { HttpApp } from '../../service/http.ts'

/** Random bytes of the nonce of one page. */
const NONCE_BYTES = 16
/** The build writes this where the nonce belongs (console/vite.config.ts). */
const NONCE_MARK = '__STRATA_NONCE__'

const NOT_BUILT = `The console is not built. Run this in the folder of Strata, then load the page again:

    npm run build:console
`

/** Serves the built console from `folder`. Every path below /console/ that is no file of the build is a view of the page. */
export async function consolePages(http: HttpApp, folder: string, secure: boolean): Promise<void> {
  await http.register(fastifyStatic, {
    root: resolve(folder, 'assets'),
    prefix: '/console/assets/',
    decorateReply: false,
    // The build writes a brotli and a gzip file beside each file. The names have a hash of the content.
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    index: false,
  })
  const page = async (reply: FastifyReply): Promise<FastifyReply> => {
    const html = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined)
    if (html === undefined) return reply.status(503).type('text/plain; charset=utf-8').send(NOT_BUILT)
    const nonce = randomBytes(NONCE_BYTES).toString('base64')
    void reply.headers(securityHeaders(nonce, secure))
    return reply.type('text/html; charset=utf-8').send(html.replaceAll(NONCE_MARK, nonce))
  }
  http.get('/console/*', (_request, reply) => page(reply))
  for (const path of ['/', '/console']) http.get(path, (_request, reply) => reply.redirect('/console/'))
}

/** No script or style but the build's own, no other host, and no frame of another page. The nonce is for style elements that the component library adds. */
function securityHeaders(nonce: string, secure: boolean): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
