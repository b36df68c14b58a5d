import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { aboveZero } from '../../service/terminal/options.ts'

/** `npm run fuzz`: the targets of `npm test`, for longer and with new seeds. An input that fails is added to the corpus of its target. */
const root = resolve(import.meta.dirname, '../..')
const command = new Command('npm run fuzz --')
  .description('Feeds each target of test/fuzz with random inputs for some minutes. Inputs that fail are written to test/fuzz/corpus.')
  .argument('[targets...]', 'names of targets, such as policy or http (default: all)')
  .option('--minutes <m>', 'time for each target', aboveZero, 5)
  .parse()

const files = command.args.length === 0 ? ['test/fuzz'] : command.args.map((target) => `test/fuzz/${target}.test.ts`)
const { minutes } = command.opts<{ minutes: number }>()
const child = spawn(join(root, 'node_modules/.bin/vitest'), ['run', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, FUZZ_MINUTES: String(minutes) },
})
child.once('exit', (code) => process.exit(code ?? 1))
