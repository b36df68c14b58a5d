import { glob, readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { seededRandom } from '../../model/random.ts'
import { codeExtensions, extracts } from './codeProse.ts'

/** Shortest comment that is drawn, in characters: shorter ones are names of sections. */
const MIN_LENGTH = 30

/** `npm run check:comments -- --seed N --count N`: prints comments drawn from the tree by a seed, for a reader who judges them without the code. */
const usage = `npm run check:comments -- [--seed N] [--count N]
Prints comments drawn from the tree by a seed (1), as many as --count says (20).
`
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '20' }, help: { type: 'boolean', short: 'h', default: false } },
})
if (values.help) {
  process.stdout.write(usage)
  process.exit()
}
const root = resolve(import.meta.dirname, '../..')
const comments: { place: string; text: string }[] = []
for await (const file of glob(`**/*{${codeExtensions.join(',')}}`, { cwd: root, exclude: ['{,site/}node_modules/**', '.strata/**', '.git/**'] })) {
  const text = await readFile(join(root, file), 'utf8')
  for (const block of extracts[extname(file)]?.(text, file) ?? []) {
    const [first] = block
    const words = block
      .map(([start, end]) => text.slice(start, end).trim())
      .join(' ')
      .trim()
    if (first !== undefined && words.length >= MIN_LENGTH) comments.push({ place: `${file}:${text.slice(0, first[0]).split('\n').length}`, text: words })
  }
}
comments.sort((a, b) => (a.place < b.place ? -1 : 1))
const random = seededRandom(Number(values.seed))
for (let drawn = 0; drawn < Number(values.count) && comments.length > 0; drawn++) {
  const [{ place, text } = { place: '', text: '' }] = comments.splice(Math.floor(random() * comments.length), 1)
  process.stdout.write(`${place}\n    ${text}\n`)
}
