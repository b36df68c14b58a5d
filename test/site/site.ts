import { spawn } from 'node:child_process'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import Fastify, { type FastifyInstance } from 'fastify'
import { root } from '../../site/pages.ts'

/**
 * Builds the site as `npm run build:docs` does, which installs its packages at the first time. Rejects with the output when a link is dead or a page cannot be read. With
 * DOCS_BUILT the tests read the site that is there.
 */
export async function buildSite(): Promise<void> {
  if (process.env['DOCS_BUILT'] !== undefined) return
  const child = spawn(process.execPath, [join(root, 'site/main.ts'), 'build'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const append = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
  if (code !== 0) throw new Error(`npm run build:docs ended with ${code}:\n${output}`)
}

/** Serves the built files as any web server does. */
export async function serveSite(): Promise<{ app: FastifyInstance; url: string }> {
  const app = Fastify()
  await app.register(fastifyStatic, { root: join(root, 'site/dist') })
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}
