import type { EntityView, World } from '@strata/client'
import { KIND, mapOf } from '../shared/game.ts'

const PIXELS_PER_METRE = 14
/** Share of the way to the newest position that an entity is drawn nearer in each frame. Snapshots come ten times a second. */
const CATCH_UP = 0.2

/** Where each entity is drawn, which follows where it is. */
const drawn = new Map<number, { x: number; y: number }>()

/** Draws what the player sees, with the own character in the middle. */
export function draw(canvas: HTMLCanvasElement, world: World): void {
  const context = canvas.getContext('2d')
  const me = world.entities.get(world.self)
  if (context === null || me === undefined) return
  if (canvas.width !== innerWidth || canvas.height !== innerHeight) Object.assign(canvas, { width: innerWidth, height: innerHeight })
  for (const id of drawn.keys()) if (!world.entities.has(id)) drawn.delete(id)
  const centre = follow(me)
  const { half } = mapOf(world.map)
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.fillStyle = '#24362a'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.translate(canvas.width / 2 - centre.x * PIXELS_PER_METRE, canvas.height / 2 - centre.y * PIXELS_PER_METRE)
  context.fillStyle = world.map === 'cave' ? '#4a443d' : '#3f6b45'
  context.fillRect(-half * PIXELS_PER_METRE, -half * PIXELS_PER_METRE, 2 * half * PIXELS_PER_METRE, 2 * half * PIXELS_PER_METRE)
  const byDepth = [...world.entities.values()].sort((a, b) => a.y - b.y)
  for (const entity of byDepth) drawEntity(context, entity, entity.id === world.self)
}

function drawEntity(context: CanvasRenderingContext2D, entity: EntityView, self: boolean): void {
  const { x, y } = follow(entity)
  const [left, top] = [x * PIXELS_PER_METRE, y * PIXELS_PER_METRE]
  if (entity.kind === KIND.tree) disc(context, { x: left, y: top }, 15, '#22472a')
  else if (entity.kind === KIND.door) {
    context.fillStyle = '#a5713c'
    context.fillRect(left - 14, top - 24, 28, 34)
  } else {
    disc(context, { x: left, y: top }, 9, self ? '#ffd75e' : `hsl(${(entity.id * 47) % 360} 65% 68%)`)
    disc(context, { x: left + Math.cos(entity.heading) * 6, y: top + Math.sin(entity.heading) * 6 }, 3, '#1b2420')
  }
  context.fillStyle = '#f4f1e4'
  context.font = '13px system-ui, sans-serif'
  context.textAlign = 'center'
  context.fillText(entity.name, left, top - 30 + (entity.kind === KIND.player ? 14 : 0))
}

function disc(context: CanvasRenderingContext2D, { x, y }: { x: number; y: number }, radius: number, colour: string): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = colour
  context.fill()
}

function follow({ id, x, y }: EntityView): { x: number; y: number } {
  const at = drawn.get(id) ?? { x, y }
  // A jump is no walk: the character has changed the map.
  const far = Math.hypot(x - at.x, y - at.y) > 10
  const next = far ? { x, y } : { x: at.x + (x - at.x) * CATCH_UP, y: at.y + (y - at.y) * CATCH_UP }
  drawn.set(id, next)
  return next
}
