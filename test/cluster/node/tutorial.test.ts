import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TutorialCommand } from '../../docs/commandsIn.ts'
import { kubectl } from '../world/kubectl.ts'
import { until } from '../world/until.ts'
import { PageShell, pageCommands } from './pageShell.ts'
import { agonesChart } from './tools/agonesChart.ts'
import { serveCharts } from './tools/chartRepository.ts'
import { helm, helmWith, noHelm } from './tools/helm.ts'
import { forgetOnNodes } from './tools/image.ts'

const MINUTE = 60_000
const PAGE = 'docs/tutorial/cluster.md'
/** live.test.ts runs the last section. */
const commands = pageCommands(PAGE).filter(({ heading }) => heading !== 'For players')
const section = (number: number): TutorialCommand[] => commands.filter(({ heading }) => heading.startsWith(`${number}. `))

/** Commands that no test runs: those that make and remove the cluster, and those that need an account of a cloud. All others run here. */
const notRun: readonly (readonly [begins: string, because: string])[] = [
  ['kind create cluster', 'the cluster exists: two nodes with kubelets'],
  ['kind delete cluster', 'the nodes end with the test'],
  ['gcloud ', 'needs an account of Google Cloud'],
]
const left = ({ text }: { text: string }): boolean => notRun.some(([begins]) => text.startsWith(begins))

if (noHelm !== undefined) process.stderr.write(`the commands of ${PAGE} are skipped: ${noHelm}\n`)
const tool = (name: string): string => `${process.execPath} ${join(import.meta.dirname, 'tools', `${name}.ts`)}`
/** Address of Agones' charts in the page. */
const AGONES_CHARTS = 'https://agones.dev/chart/stable'

describe.skipIf(noHelm !== undefined)(`${PAGE}, every command, as the page has it`, () => {
  const stack = new AsyncDisposableStack()
  const ran = new Set<string>()
  let shell: PageShell
  beforeAll(async () => {
    const version = /--version (\S+)/.exec(section(2).find(({ text }) => text.startsWith('helm install'))?.text ?? '')?.[1] ?? ''
    const { url } = stack.use(await serveCharts(helm, [agonesChart(version)]))
    const programs = { docker: tool('docker'), kind: tool('kind'), helm: helmWith({ [AGONES_CHARTS]: url }) }
    // The project of the registry has a name of the reader's own.
    shell = stack.use(new PageShell({ programs, words: [['PROJECT', 'our-project']] }))
    for (const image of ['strata:dev', 'strata:dev2']) await forgetOnNodes(image)
  }, 5 * MINUTE)
  afterAll(() => stack.disposeAsync())

  async function run(...all: readonly (TutorialCommand | undefined)[]): Promise<string> {
    const found = all.filter((one) => one !== undefined && !left(one)) as TutorialCommand[] // checked here
    if (found.length === 0) throw new Error('the page has other commands')
    for (const { text } of found) ran.add(text)
    return shell.run(found)
  }

  it(
    '1 to 3: the cluster’s version, Agones by Helm, the image from the Dockerfile',
    async () => {
      expect(await run(...section(1))).toContain('Server Version: v1.35')
      expect(await run(...section(2))).toContain('STATUS: deployed')
      expect(await kubectl('get', 'serviceaccount', 'agones-sdk', '-o', 'name')).toContain('agones-sdk')
      const output = await run(...section(3))
      expect(output).toContain('loaded docker.io/library/strata:dev into the nodes')
      expect(output).toContain('copied europe-west1-docker.pkg.dev/our-project/games/strata:dev to the nodes')
    },
    30 * MINUTE,
  )

  it(
    '4 and 5: keys, manifests, maps; every map becomes Ready',
    async () => {
      expect(await run(...section(4), ...section(5))).toContain('mappolicy.strata.dev/forest created')
      const ready = () => kubectl('get', 'mappolicies', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}')
      await until('every map Ready', async () => (await ready()) === 'True True True True True' || ready(), 5 * MINUTE, 1_000)
    },
    30 * MINUTE,
  )

  it(
    '6 and 7: bots as a pod, status, explain, a policy that is changed and one that is refused',
    async () => {
      const [bots, ...looks] = section(6)
      await run(bots)
      const inWorld = () => kubectl('get', 'mappolicies', '-o', 'jsonpath={.items[*].status.players}')
      const sum = (text: string): number => text.split(' ').reduce((all, one) => all + Number(one), 0)
      await until('bots in the world', async () => sum(await inWorld()) >= 10 || inWorld(), 5 * MINUTE, 1_000)
      // The one that the page asks for comes within 50 s after the first.
      await sleep(MINUTE)
      expect(await run(...looks)).toContain('forest')
      const [change, watch, wrong, ...more] = section(7)
      expect(more).toEqual([])
      expect(await run(change, watch)).toContain('mappolicy.strata.dev/forest patched')
      await expect(run(wrong)).rejects.toThrow('must not be above capacity.hard')
    },
    15 * MINUTE,
  )

  it(
    '8 and 9: a new build under players, then everything is removed',
    async () => {
      const old = (await kubectl('get', 'gameservers', '-o', 'name')).split('\n').filter((name) => name !== '')
      // The second terminal of section 6.
      const terminal = section(6).filter(({ text }) => text.endsWith('&') || text.startsWith('export '))
      await run(...terminal, ...section(8))
      await until(
        'no server of the old build',
        async () => (await kubectl('get', 'gameservers', '-o', 'name')).split('\n').every((name) => !old.includes(name)),
        8 * MINUTE,
        1_000,
      )
      expect(await kubectl('logs', 'bots', '--tail=20')).not.toMatch(/kicked[^0]*[1-9]/)
      await run(...section(9))
      await until(
        'the namespace is gone',
        async () => (await kubectl('get', 'namespace', 'strata', '--ignore-not-found', '-o', 'name')) === '',
        10 * MINUTE,
        1_000,
      )
    },
    40 * MINUTE,
  )

  it('no command of the page is left out but those that are listed, and every one that is listed is in the page', () => {
    expect(commands.filter((one) => !ran.has(one.text) && !left(one))).toEqual([])
    expect(notRun.filter(([begins]) => !commands.some(({ text }) => text.startsWith(begins)))).toEqual([])
  })
})
