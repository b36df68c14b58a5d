import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/**
 * `npm run check:report -- FILE`: checks the report of a run (`npm start -- --report FILE`). Only behaviour is checked, no durations, so that it holds on any
 * machine.
 */
const report = z.object({
  players: z.number().min(1),
  placements: z.number().min(1),
  kicked: z.literal(0),
  partySplits: z.literal(0),
  seatsOverHardCap: z.literal(0),
  movesFailed: z.literal(0),
  movesDone: z.number().min(1),
  copiesOpened: z.number().min(2),
  copiesMerged: z.number().min(1),
  instancesOpened: z.number().min(1),
  kills: z.number().min(1),
  deaths: z.number().min(0),
  lootBooked: z.number().min(1),
  // A short run may end before a party has cleared its dungeon.
  dungeonsCleared: z.number().min(0),
})

const [file] = process.argv.slice(2)
if (file === undefined) {
  process.stderr.write('usage: npm run check:report -- FILE\n')
  process.exit(2)
}
const text = await readFile(file, 'utf8')
const checked = report.safeParse(JSON.parse(text))
process.stdout.write(text)
if (!checked.success) {
  for (const { path, message } of checked.error.issues) process.stderr.write(`${file}: ${path.join('.')}: ${message}\n`)
  process.exit(1)
}
process.stdout.write(`${file}: copies opened and merged, creatures were fought, nobody was kicked\n`)
