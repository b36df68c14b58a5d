import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Container } from './cluster/harness/container.ts'

/** `changed` is called at each start and each end. */
async function containerOf(stack: AsyncDisposableStack, command: readonly string[], changed: (container: Container) => void): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), 'strata-container-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const container: Container = new Container({
    spec: { name: 'sidecar' },
    role: 'sidecar',
    restart: 'Always',
    command,
    env: {},
    log: join(folder, 'log'),
    cwd: folder,
    portOf: (port) => port,
    changed: () => changed(container),
  })
  stack.defer(() => container.kill())
  return container
}

it('the cluster tests: a killed container does not start again, although its policy restarts it always, so that nothing outlives the tests', async () => {
  await using stack = new AsyncDisposableStack()
  const container = await containerOf(stack, ['sleep', '100'], () => undefined)
  container.start()
  container.kill()
  expect(await container.done).toBe(137)
  expect(container.running).toBe(false)
})

it('the cluster tests: a container that waits for its restart ends at once', async () => {
  await using stack = new AsyncDisposableStack()
  const crashed = Promise.withResolvers<void>()
  const container = await containerOf(stack, ['false'], ({ running }) => {
    if (!running) crashed.resolve()
  })
  container.start()
  await crashed.promise
  const before = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  await container.end(1_000)
  expect(await container.done).toBe(1)
  await new Promise(setImmediate)
  expect(process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length).toBeLessThan(before)
})
