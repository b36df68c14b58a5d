import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { root } from '../../image/strataImage.ts'
import { helmBinary } from '../harness/binaries.ts'
import { kubectl, kubectlWith } from '../world/kubectl.ts'
import { until } from '../world/until.ts'
import { createSdkAccount } from './nodeWorld.ts'
import { PageShell, pageCommands } from './pageShell.ts'

const MINUTE = 60_000
const helm = helmBinary()
if ('missing' in helm) process.stderr.write(`the commands of docs/how-to/helm.md are skipped: ${helm.missing}\n`)

describe.skipIf('missing' in helm)('docs/how-to/helm.md, as the page has it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-helm-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it(
    'installs, tests, upgrades and uninstalls the chart',
    async () => {
      const values = join(folder, 'values.yaml')
      copyFileSync(join(root, 'charts/strata/ci/dev-values.yaml'), values)
      using shell = new PageShell({ programs: 'missing' in helm ? {} : { helm: join(helm.bin, 'helm') }, words: [['values.yaml', values]] })
      const commands = pageCommands('docs/how-to/helm.md')
      const under = (heading: string) => commands.filter((one) => one.heading === heading)
      const [namespace, keys, ...install] = under('Install')
      if (namespace === undefined || keys === undefined) throw new Error('the page has other commands')
      const test = install.pop()
      await shell.run([namespace])
      await createSdkAccount()
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
      await kubectl('rollout', 'status', 'deployment/strata-orchestrator', '--timeout=110s')
      if (test !== undefined) expect(await shell.run([test])).toContain('Phase:          Succeeded')
      expect(await shell.run(under('Upgrade'))).toContain('REVISION: 2')
      await shell.run(under('Uninstall'))
      expect(await kubectl('get', 'deployments,fleets', '-l', 'app.kubernetes.io/part-of=strata', '-o', 'name')).not.toContain('strata-')
    },
    20 * MINUTE,
  )
})
