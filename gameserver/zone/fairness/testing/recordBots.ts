import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { World } from '../../../../client/index.ts'
import { seededRandom } from '../../../../model/random.ts'
import type { EntityView } from '../../../../model/wire/snapshot.ts'
import { Steering } from '../../../demo/bots/play/steering.ts'
import { Wander } from '../../../demo/bots/play/wander.ts'
import { demoMap, resourceNodes } from '../../../demo/maps.ts'

/**
 * Records what bots of the demo do in virtual time: `node gameserver/zone/fairness/testing/recordBots.ts` writes bots.json. The bots are the demo's own; their
 * world is as small as they need it. One row for each input or message: time in ms, and the direction, or the node that is gathered.
 */
export type Recording = { map: string; seed: number; rows: ([at: number, dx: number, dy: number] | [at: number, node: number])[] }[]

/** Resources within this distance of the middle of the map, in metres, are in the sight of the bots. */
const IN_SIGHT_M = 80
const BOTS = 12
const RECORDED_MS = 240_000
const STEP_MS = 50
/** Walking speed of the demo in m/s. */
const SPEED = 6
/** Mean time in ms between two decisions of a bot. */
const THINK_MS = 500

function record(map: string, seed: number): Recording[number] {
  const random = seededRandom(seed)
  const wander = new Wander(new Steering(), random)
  const me: EntityView = { id: 1, kind: 0, x: random() * 20 - 10, y: random() * 20 - 10, heading: 0, flags: 0, name: 'Bot' }
  const entities = new Map([me, ...resourceNodes(map).filter(({ x, y }) => Math.hypot(x, y) < IN_SIGHT_M)].map((entity) => [entity.id, entity]))
  const rows: Recording[number]['rows'] = []
  let [now, heading] = [0, { dx: 0, dy: 0 }]
  const world = {
    self: me.id,
    map,
    copy: `${map}-1`,
    entities,
    input(next: { dx: number; dy: number }) {
      heading = { dx: round(next.dx), dy: round(next.dy) }
      rows.push([now, heading.dx, heading.dy])
      return true
    },
    send: (_type: string, { node }: { node: number }) => rows.push([now, node]),
  } as unknown as World // bots that wander use these members only
  const { half } = demoMap(map)
  const within = (value: number): number => Math.max(-half, Math.min(half, value))
  for (let thinkAt = 0; now < RECORDED_MS; now += STEP_MS) {
    me.x = within(me.x + (heading.dx * SPEED * STEP_MS) / 1000)
    me.y = within(me.y + (heading.dy * SPEED * STEP_MS) / 1000)
    if (now < thinkAt) continue
    wander.step(world, now)
    thinkAt = now + THINK_MS * (0.75 + 0.5 * random())
  }
  return { map, seed, rows }
}

const round = (value: number): number => Math.round(value * 1000) / 1000

const maps = ['forest', 'hills', 'town', 'marsh']
const recording: Recording = Array.from({ length: BOTS }, (_, n) => record(maps[n % maps.length] ?? 'forest', n + 1))
const lines = recording.map((bot) => JSON.stringify(bot))
await writeFile(join(import.meta.dirname, 'bots.json'), `[\n${lines.join(',\n')}\n]\n`)
