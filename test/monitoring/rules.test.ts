import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { textOf } from '../k8s/manifests.ts'
import { findPrograms } from './programs.ts'
import { monitoring, ruleFiles, rules, ruleText, testFolder } from './rules.ts'

const programs = await findPrograms()
let folder: string

describe.skipIf(programs === undefined)('rules', () => {
  const promtool = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(programs?.promtool ?? '', args, { cwd: folder })
    return stdout
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'strata-rules-'))
    for (const file of ruleFiles) await writeFile(join(folder, file), ruleText(file))
    await cp(testFolder, folder, { recursive: true })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('promtool accepts all rules', async () => {
    expect(await promtool('check', 'rules', ...ruleFiles)).toContain('SUCCESS')
  })

  it.each(['alerts.test.yml', 'slos.test.yml'])('promtool: every unit test of %s passes', async (file) => {
    expect(await promtool('test', 'rules', file)).toContain('SUCCESS')
  })

  it('every alert fires in a unit test', async () => {
    const tests = (await readdir(testFolder)).map((file) => textOf(join(monitoring, 'tests', file))).join('\n')
    for (const { alert } of rules) if (alert !== undefined) expect(tests).toContain(`alertname="${alert}"`)
  })
})
