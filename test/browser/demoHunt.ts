import type { Page } from 'playwright-core'

/** Walks to the nearest boar and fights it, frame by frame in the page, until something is in the bag. The character slows down near its prey: frames may be rare. */
export async function hunt(page: Page): Promise<void> {
  await page.evaluate(() => {
    const step = (): void => {
      const { game, view } = strata
      if (view === undefined || game.store.get().bag['hide'] !== undefined) {
        if (view !== undefined) view.controls.stick = { dx: 0, dy: 0 }
        return
      }
      requestAnimationFrame(step)
      const me = game.world?.entityAt(game.world.self)
      if (me === undefined) return
      const away = (one: { x: number; y: number }): number => Math.hypot(one.x - me.x, one.y - me.y)
      // Kind 10 is a boar, flag 4 a dead one. Without a boar in sight: to the middle of the herd.
      const boars = [...(game.world?.entities.values() ?? [])].filter(({ kind, flags }) => kind === 10 && flags !== 4).sort((a, b) => away(a) - away(b))
      const goal = boars[0] ?? { x: 20, y: 0 }
      const far = away(goal)
      const pace = far < 2 ? 0 : Math.min(1, far / 12) / far
      view.controls.stick = { dx: (goal.x - me.x) * pace, dy: (goal.y - me.y) * pace }
      if (far < 8 && view.actions.target === undefined) view.attack()
    }
    requestAnimationFrame(step)
  })
}
