import type { Page } from 'playwright-core'
import type { Game } from '../../client/demo/src/play/game.ts'
import type { View } from '../../client/demo/src/view.ts'

declare global {
  /** What the demo's page shows to tests (client/demo/src/app.tsx). */
  var strata: { game: Game; view: View | undefined; frames?: Frame[] | undefined }
}

/** One frame of a page: where the player was, and what was drawn. */
export interface Frame {
  at: number
  copy: string
  x: number
  y: number
  /** Ids of all drawn entities. */
  drawn: number[]
  /** Ids of those near the player. */
  near: number[]
}

/** Records every frame of a page until `stopRecord`. Near is within 45 m: the servers show 60 m, and the walk goes on. */
export async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: Frame[] = []
    strata.frames = frames
    const look = (): void => {
      const { world } = strata.game
      if (strata.frames !== frames || world === undefined) return
      const me = world.entityAt(world.self)
      const shown = world.sample()
      const drawn = [...(strata.view?.scene.drawn ?? [])]
      const near = drawn.filter((id) => {
        const one = shown.get(id)
        return one !== undefined && me !== undefined && Math.hypot(one.x - me.x, one.y - me.y) < 45
      })
      if (me !== undefined) frames.push({ at: performance.now(), copy: world.copy, x: me.x, y: me.y, drawn, near })
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
}

export async function stopRecord(page: Page): Promise<Frame[]> {
  return page.evaluate(() => {
    const frames = strata.frames ?? []
    strata.frames = undefined
    return frames
  })
}

/** Entities that are near in the last second before a move and two seconds after it, and are not drawn in a frame between. */
export function blinks(before: readonly Frame[], after: readonly Frame[]): { compared: number; missing: string[] } {
  const [left, arrived] = [before.at(-1)?.at ?? 0, after[0]?.at ?? 0]
  const window = [...before.filter(({ at }) => at > left - 1_000), ...after.filter(({ at }) => at < arrived + 2_000)]
  const [first, last] = [window[0], window.at(-1)]
  const both = (first?.near ?? []).filter((id) => last?.near.includes(id) === true)
  const missing = window.flatMap(({ at, drawn }) => both.filter((id) => !drawn.includes(id)).map((id) => `${id} at ${Math.round(at - arrived)} ms`))
  return { compared: both.length, missing }
}

/** The frame in which the own body moved most above what it walks in that time, in metres. */
export function longestStep(frames: readonly Frame[]): { excessM: number; gapMs: number } {
  let longest = { excessM: 0, gapMs: 0 }
  for (const [index, frame] of frames.entries()) {
    const last = frames[index - 1]
    if (last === undefined) continue
    const gapMs = Math.round(frame.at - last.at)
    const excessM = Number((Math.hypot(frame.x - last.x, frame.y - last.y) - 6 * (gapMs / 1_000)).toFixed(2))
    if (excessM > longest.excessM) longest = { excessM, gapMs }
  }
  return longest
}
