import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { root } from '../../image/strataImage.ts'
import { helmBinary } from '../harness/binaries.ts'
import { Crowd } from '../world/crowd.ts'
import { kubectl, kubectlWith } from '../world/kubectl.ts'
import { until } from '../world/until.ts'
import { fullest } from '../world/worldUnderTest.ts'
import { evict, NodeWorld } from './nodeWorld.ts'
import { PageShell, pageCommands } from './pageShell.ts'

const MINUTE = 60_000
const PLAYERS = 20
/** The second terminal of the tutorial: ways to the two Services, and the operator's token. */
const terminal = pageCommands('docs/tutorial/cluster.md').filter(
  ({ heading, text }) => heading.startsWith('6.') && (text.endsWith('&') || text.startsWith('export ')),
)

describe('commands of the pages for operators, as the pages have them', () => {
  let world: NodeWorld
  let crowd: Crowd
  beforeAll(async () => {
    world = await NodeWorld.start()
    crowd = await Crowd.entered(world.matchmaker, 'Reader', PLAYERS, 'forest')
  }, 20 * MINUTE)
  afterAll(async () => {
    await crowd?.[Symbol.asyncDispose]()
    await world?.[Symbol.asyncDispose]()
  }, 5 * MINUTE)

  const run = async (commands: readonly { text: string }[], words: (readonly [string, string])[] = []): Promise<string> => {
    using shell = new PageShell({ words })
    return shell.run([...terminal, ...commands])
  }
  const undisturbed = (): void => expect([crowd.online, crowd.stats.kicked], JSON.stringify(crowd.stats.report())).toEqual([PLAYERS, 0])

  it(
    'docs/how-to/drain-a-node.md: with a deadline, and server by server',
    async () => {
      const commands = pageCommands('docs/how-to/drain-a-node.md')
      const second = commands.findLastIndex(({ text }) => text.startsWith('kubectl cordon'))
      const words: [string, string][] = [['NODE', 'node-b']]
      expect(await run(commands.slice(0, second), words)).toContain('node/node-b drained')
      // A server with players is on the node again.
      await kubectl('uncordon', 'node-b')
      await kubectl('cordon', 'node-a')
      const { server } = fullest(crowd.copies, await world.status())
      await evict(server)
      await until('the evicted server is gone', async () => (await world.pods()).every(({ metadata }) => metadata?.name !== server), 5 * MINUTE, 1_000)
      await kubectl('uncordon', 'node-a')
      expect(await run(commands.slice(second), words)).toContain('node/node-b drained')
      expect((await world.pods()).filter(({ spec }) => spec?.nodeName === 'node-b')).toEqual([])
      await kubectl('uncordon', 'node-b')
      undisturbed()
    },
    15 * MINUTE,
  )

  it(
    'docs/how-to/rotate-keys.md: players notice nothing, and others enter with the new key',
    async () => {
      // The longest life of a ticket: nobody waits in line here.
      const output = await run(pageCommands('docs/how-to/rotate-keys.md'), [['sleep 3660', 'sleep 5']])
      expect(output).toContain('accepted keys changed')
      undisturbed()
      await using later = await Crowd.entered(world.matchmaker, 'Newcomer', 3, 'town')
      expect(later.stats.kicked).toBe(0)
    },
    10 * MINUTE,
  )

  it(
    'docs/how-to/roll-out.md: servers and status',
    async () => {
      expect(await run(pageCommands('docs/how-to/roll-out.md'))).toContain('Allocated')
      undisturbed()
    },
    5 * MINUTE,
  )

  it(
    'docs/how-to/runbook.md: the first look, and a policy that stays',
    async () => {
      // The stand-in for Agones is no pod. A `grep` for errors that finds none ends with 1.
      const commands = pageCommands('docs/how-to/runbook.md')
        .filter(({ text }) => !text.startsWith('kubectl -n agones-system'))
        .map(({ text }) => ({ text: text.includes('| grep ') ? `${text} || [ $? = 1 ]` : text }))
      const last = commands.findIndex(({ text }) => text.startsWith('k delete'))
      const [alias] = commands
      if (alias === undefined || last < 0) throw new Error('the page has other commands')
      expect(await run(commands.slice(0, last), [['MAP', 'forest']])).toContain('forest')
      undisturbed()
      await run([alias, ...commands.slice(last)])
      expect(await kubectl('get', 'mappolicies', '-o', 'name')).toBe('')
    },
    5 * MINUTE,
  )
})

const helm = helmBinary()
if ('missing' in helm) process.stderr.write(`the commands of docs/how-to/helm.md are skipped: ${helm.missing}\n`)

describe.skipIf('missing' in helm)('docs/how-to/helm.md, as the page has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-helm-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it(
    'installs, tests, upgrades and uninstalls the chart',
    async () => {
      // What another suite has left.
      await kubectl('delete', '-k', join(root, 'k8s/overlays/dev'), '--ignore-not-found', '--timeout=110s')
      const values = join(folder, 'values.yaml')
      copyFileSync(join(root, 'charts/strata/ci/dev-values.yaml'), values)
      using shell = new PageShell({ programs: 'missing' in helm ? {} : { helm: join(helm.bin, 'helm') }, words: [['values.yaml', values]] })
      const commands = pageCommands('docs/how-to/helm.md')
      const under = (heading: string) => commands.filter((one) => one.heading === heading)
      const [namespace, keys, ...install] = under('Install')
      if (namespace === undefined || keys === undefined) throw new Error('the page has other commands')
      const test = install.pop()
      await shell.run([namespace])
      await kubectl('create', 'serviceaccount', 'agones-sdk')
      await kubectl('create', 'rolebinding', 'agones-sdk', '--clusterrole=agones-sdk', '--serviceaccount=strata:agones-sdk')
      // The data stores, and the Secrets with their addresses, which the page expects.
      await shell.run([{ text: `${keys.text} --dev` }])
      const stores = parseAllDocuments(await kubectl('kustomize', join(root, 'k8s/overlays/dev'))).filter((one) =>
        /postgres|redis/.test(String(one.getIn(['metadata', 'name']))),
      )
      await kubectlWith(stores.map(String).join('---\n'), 'apply', '-f', '-')
      await kubectl('rollout', 'status', 'statefulset/postgres', '--timeout=110s')
      expect(await shell.run(install)).toContain('STATUS: deployed')
      await until(
        'the matchmaker is ready',
        async () => (await kubectl('get', 'deployment', 'strata-matchmaker', '-o', 'jsonpath={.status.readyReplicas}')) === '1',
        5 * MINUTE,
      )
      if (test !== undefined) expect(await shell.run([test])).toContain('Phase:          Succeeded')
      expect(await shell.run(under('Upgrade'))).toContain('REVISION: 2')
      await shell.run(under('Uninstall'))
      expect(await kubectl('get', 'deployments,fleets', '-l', 'app.kubernetes.io/part-of=strata', '-o', 'name')).not.toContain('strata-')
      await kubectl('delete', 'namespace', 'strata', '--wait=false')
    },
    20 * MINUTE,
  )
})
