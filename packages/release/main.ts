import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { root } from '../build.ts'
import { present } from './compatibility.ts'
import { commandsOf, files, planRelease, type Sources } from './plan.ts'
import { billOfMaterials } from './sbom.ts'

/** `npm run release -- [--dry-run] VERSION`: changes the files of a release, and prints what is left to do. Publishes nothing. */
const command = new Command('release')
  .argument('<version>', 'three numbers, such as 0.2.0')
  .option('--dry-run', 'print what would change, and write nothing')
  .parse()
const [version = ''] = command.args
const { dryRun = false } = command.opts<{ dryRun?: boolean }>()
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const names = Object.keys(files) as (keyof Sources)[]
const sources = Object.fromEntries(names.map((name) => [name, readFileSync(join(root, files[name]), 'utf8')])) as unknown as Sources
try {
  const changed = planRelease({ version, date: new Date().toISOString().slice(0, 10), row: present() }, sources)
  const bill = billOfMaterials()
  for (const name of names) if (changed[name] !== sources[name]) say(`${dryRun ? 'would change' : 'changed'} ${files[name]}`)
  say(`${dryRun ? 'would write' : 'wrote'} .strata/release/sbom.cdx.json (${bill.components.length} packages)`)
  if (!dryRun) {
    for (const name of names) writeFileSync(join(root, files[name]), changed[name])
    mkdirSync(join(root, '.strata/release'), { recursive: true })
    writeFileSync(join(root, '.strata/release/sbom.cdx.json'), bill.text)
    // The chart and the compatibility table follow from package.json.
    execFileSync(process.execPath, ['checks/generate.ts'], { cwd: root, stdio: 'inherit' })
  }
  say(`\nLeft to do:\n${commandsOf(version).join('\n')}`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
