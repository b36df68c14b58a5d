import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildah, layersOf, mountImage } from './buildah.ts'
import { ENTRYPOINT, ImageContainer } from './container.ts'
import { installPrograms } from './debian.ts'
import { openRoles, type Role } from './roles.ts'
import { buildStrata } from './strataImage.ts'

const MINUTE = 60_000
const MAX_BYTES = 200_000_000
const problem = installPrograms(['buildah', 'runc', 'mmdebstrap', 'busybox'])
if (problem !== undefined) process.stderr.write(`the image is not tested: ${problem.missing}\n`)

describe.skipIf(problem !== undefined)('the image', () => {
  const stack = new AsyncDisposableStack()
  let root = ''
  let tag = ''
  let roles: Role[] = []

  beforeAll(async () => {
    tag = await buildStrata('localhost/strata:test')
    root = stack.use(await mountImage(tag)).root
    const folder = mkdtempSync(join(tmpdir(), 'strata-image-'))
    stack.defer(() => rmSync(folder, { recursive: true, force: true }))
    roles = await openRoles(folder, stack)
  }, 25 * MINUTE)
  afterAll(() => stack.disposeAsync(), MINUTE)

  it('has at most 200 MB, no shell, no package manager and no test', () => {
    const bytes = Number(execFileSync('du', ['-sb', '--apparent-size', root]).toString().split('\t')[0])
    process.stderr.write(`image: ${(bytes / 1e6).toFixed(1)} MB\n`)
    expect(bytes).toBeLessThan(MAX_BYTES)
    for (const absent of ['bin/sh', 'bin/bash', 'usr/bin/apt', 'usr/local/bin/npm', 'strata/test', 'strata/node_modules/vitest'])
      expect(existsSync(join(root, absent)), absent).toBe(false)
    expect(execFileSync('find', [join(root, 'strata'), '-name', '*.test.ts', '-not', '-path', '*/node_modules/*']).toString()).toBe('')
    expect(existsSync(join(root, 'strata/console/dist/index.html'))).toBe(true)
  })

  it('names its user, and starts node as the first process', async () => {
    const { OCIv1 } = JSON.parse(await buildah('inspect', '--type', 'image', tag)) as { OCIv1: { config: Record<string, unknown> } } // buildah's format
    expect(OCIv1.config).toMatchObject({ User: '65532:65532', Entrypoint: ENTRYPOINT, WorkingDir: '/strata' })
  })

  it('runs as 65532 without capabilities on a read-only root', async () => {
    const code = `
      const fs = await import('node:fs')
      const status = fs.readFileSync('/proc/self/status', 'utf8')
      const seen = { uid: process.getuid(), pid: process.pid, capabilities: /CapEff:\\s*(\\S+)/.exec(status)[1], bounding: /CapBnd:\\s*(\\S+)/.exec(status)[1] }
      for (const path of ['/strata/written', '/written']) try { fs.writeFileSync(path, ''); seen[path] = 'written' } catch (error) { seen[path] = error.code }
      console.log(JSON.stringify(seen))`
    await using container = new ImageContainer({ root, args: ['--input-type=module', '--eval', code], env: {} })
    expect(await container.exited, container.output).toBe(0)
    const no = '0000000000000000'
    expect(JSON.parse(container.output)).toEqual({ uid: 65532, pid: 1, capabilities: no, bounding: no, '/strata/written': 'EROFS', '/written': 'EROFS' })
  })

  it.each(['orchestrator', 'matchmaker', 'gameserver'] as const)(
    'the %s becomes ready, answers its health endpoints, and ends with 0 after SIGTERM',
    async (name) => {
      const role = roles.find((one) => one.name === name)
      if (role === undefined) throw new Error(`there is no role ${name}`)
      const began = performance.now()
      await using container = new ImageContainer({ root, ...role })
      let ended: number | undefined
      void container.exited.then((code) => {
        ended = code
      })
      const status = (path: string): Promise<number> => fetch(`${role.url}${path}`).then((answer) => answer.status)
      for (;;) {
        if (ended !== undefined) throw new Error(`${name} ended with ${ended}: ${container.output}`)
        if ((await status('/healthz').catch(() => 0)) === 200) break
        await sleep(5)
      }
      process.stderr.write(`image: ${name} answers /healthz after ${Math.round(performance.now() - began)} ms\n`)
      await expect.poll(() => status('/readyz'), { timeout: MINUTE }).toBe(200)
      expect(await status('/metrics')).toBe(200)
      container.signal('TERM')
      expect(await container.exited, container.output).toBe(0)
      expect(container.output).toContain('"msg":"stopped"')
    },
  )

  it.each(['orchestrator/main.ts', 'matchmaker/main.ts', 'gameserver/demo/main.ts'])(
    '%s compiles no module that the image has compiled, also as another user',
    async (script) => {
      // Without settings a role loads its modules and ends.
      await using container = new ImageContainer({ root, args: [script], env: { NODE_ENV: 'production', NODE_DEBUG_NATIVE: 'COMPILE_CACHE' }, user: 10_001 })
      expect(await container.exited).toBe(2)
      const codeOf = (words: string): number =>
        container.output.split('\n').filter((line) => line.startsWith('[compile cache] V8 code cache for') && line.includes(words)).length
      expect(codeOf('was accepted')).toBeGreaterThan(1_000)
      expect(container.output.split('\n').filter((line) => line.startsWith('[compile cache] reading cache') && !line.includes('success'))).toEqual([])
      expect(codeOf('')).toBe(codeOf('was accepted'))
    },
  )

  it('ends at once after SIGTERM while it has no handler for it, although it is the first process', async () => {
    await using container = new ImageContainer({ root, args: ['--eval', "console.log('loading'); setInterval(() => {}, 1_000)"], env: {} })
    await expect.poll(() => container.output, { timeout: MINUTE }).toContain('loading')
    container.signal('TERM')
    expect(await container.exited).toBe(143)
  })

  it('the command of a role that misses its settings says which, and ends with 2', async () => {
    await using container = new ImageContainer({ root, args: ['matchmaker/main.ts'], env: {} })
    expect(await container.exited).toBe(2)
    expect(container.output).toContain('DATABASE_URL')
  })

  it(
    'a second build from nothing has the same layers',
    async () => {
      const again = await buildStrata('localhost/strata:again', { cache: false })
      expect(await layersOf(again)).toEqual(await layersOf(tag))
    },
    25 * MINUTE,
  )
})
