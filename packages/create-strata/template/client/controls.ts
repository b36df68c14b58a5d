import type { WalkInput } from '../shared/game.ts'

const directions: Record<string, WalkInput> = {
  ArrowUp: { dx: 0, dy: -1 },
  KeyW: { dx: 0, dy: -1 },
  ArrowDown: { dx: 0, dy: 1 },
  KeyS: { dx: 0, dy: 1 },
  ArrowLeft: { dx: -1, dy: 0 },
  KeyA: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
  KeyD: { dx: 1, dy: 0 },
}

export interface Controls {
  /** Where the player wants to walk; at most 1 long on each axis. */
  direction(): WalkInput
  /** Whether the use key was pressed since the last call. */
  takeUse(): boolean
}

/** Keyboard, and a finger or the mouse: the character walks towards the pressed point. */
export function controls(canvas: HTMLCanvasElement): Controls {
  const pressed = new Set<string>()
  let pointer: WalkInput | undefined
  let use = false
  addEventListener('keydown', ({ code, repeat }) => {
    pressed.add(code)
    if (code === 'KeyE' && !repeat) use = true
  })
  addEventListener('keyup', ({ code }) => pressed.delete(code))
  addEventListener('blur', () => pressed.clear())
  const towards = ({ clientX, clientY }: PointerEvent): void => {
    const [dx, dy] = [clientX - innerWidth / 2, clientY - innerHeight / 2]
    const length = Math.max(1, Math.hypot(dx, dy))
    pointer = { dx: dx / length, dy: dy / length }
  }
  canvas.addEventListener('pointerdown', towards)
  canvas.addEventListener('pointermove', (event) => {
    if (pointer !== undefined) towards(event)
  })
  for (const end of ['pointerup', 'pointercancel', 'pointerleave'] as const) {
    canvas.addEventListener(end, () => {
      pointer = undefined
    })
  }
  return {
    direction() {
      if (pointer !== undefined) return pointer
      const held = [...pressed].flatMap((code) => directions[code] ?? [])
      const limited = (value: number): number => Math.max(-1, Math.min(1, value))
      return { dx: limited(held.reduce((sum, { dx }) => sum + dx, 0)), dy: limited(held.reduce((sum, { dy }) => sum + dy, 0)) }
    },
    takeUse() {
      const used = use
      use = false
      return used
    },
  }
}
