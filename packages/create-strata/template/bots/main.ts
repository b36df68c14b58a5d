import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { StrataClient } from '@strata/client'

/** Players that walk about. `strata start --bots-script` runs this script; it passes more options than these. */
const { values } = parseArgs({
  strict: false,
  options: { matchmaker: { type: 'string', default: 'http://127.0.0.1:7100' }, bots: { type: 'string', default: '20' } },
})
const wanted = Number(values.bots)
let online = 0
for (let n = 1; n <= wanted; n++) {
  void play(`Bot ${n}`).catch((error: unknown) => console.error(`Bot ${n}:`, error))
  await pause(100)
}
// `strata start` shows these numbers.
setInterval(() => console.log(JSON.stringify({ online, wanted })), 1_000)

async function play(name: string): Promise<void> {
  const client = new StrataClient({ matchmaker: String(values.matchmaker) })
  await client.login(name)
  const [known] = await client.characters.list()
  client.character = (known ?? (await client.characters.create({ name }))).character
  const world = await client.enter({ map: 'meadow' })
  online++
  while (!world.closed) {
    const angle = Math.random() * 2 * Math.PI
    const walking = Math.random() < 0.7
    world.input(walking ? { dx: Math.cos(angle), dy: Math.sin(angle) } : { dx: 0, dy: 0 })
    await pause(1_000 + Math.random() * 3_000)
  }
  online--
}
