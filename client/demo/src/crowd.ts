/** Measures the drawing of a crowd: 300 characters walk in sight, without a server. The page prints what each frame costs. */
import './style.css'
import { walk } from '../../../gameserver/demo/movement.ts'
import type { ShownEntity } from '../../index.ts'
import { Scene } from './scene/scene.ts'

const count = Number(new URL(location.href).searchParams.get('count') ?? 300)
const SELF = 1
const MAP = 'forest'
/** Half of the square in which they walk, in metres: all of it is on the screen. */
const HALF_M = 15

const host = document.getElementById('root')
if (host === null) throw new Error('crowd.html has no element "root"')
host.className = 'stage'
const scene = await Scene.create(host)
const shown = new Map<number, ShownEntity>()
let newest = SELF - 1
function come(): void {
  const id = ++newest
  const at = {
    x: id === SELF ? 0 : Math.cos(id * 2.4) * HALF_M * Math.sqrt(id / count),
    y: id === SELF ? 0 : Math.sin(id * 2.4) * HALF_M * Math.sqrt(id / count),
    heading: id,
  }
  shown.set(id, { id, ...at, latest: Object.assign({ id, kind: 0, flags: 1, name: `Walker ${id}`, ...at }, { health: 60 + (id % 40) }) })
}
for (let id = SELF; id <= count; id++) come()
/** The oldest go, and as many others come. */
function change(people: number): void {
  for (const id of [...shown.keys()].slice(1, people + 1)) shown.delete(id)
  for (let n = 0; n < people; n++) come()
}
let last = performance.now()
const frame = (nowMs: number): void => {
  const dtSeconds = Math.min(0.1, (nowMs - last) / 1_000)
  last = nowMs
  for (const entity of shown.values()) {
    if (entity.id === SELF) continue
    if (Math.hypot(entity.x, entity.y) > HALF_M) entity.heading = Math.atan2(-entity.y, -entity.x)
    Object.assign(entity, walk(MAP, entity, { dx: Math.cos(entity.heading), dy: Math.sin(entity.heading) }, dtSeconds))
  }
  scene.frame(nowMs, {
    map: MAP,
    self: SELF,
    shown,
    beyond: undefined,
    target: undefined,
    guildOf: (id) => (id % 3 === 0 ? undefined : `guild ${id % 12}`),
    relationOf: ({ id }) => (id === SELF ? 'self' : 'other'),
  })
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
Object.assign(globalThis, { crowd: { report: () => scene.times.report(), restart: () => scene.times.clear(), parts: () => scene.parts, change } })
