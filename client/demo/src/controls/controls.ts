export interface Direction {
  dx: number
  dy: number
}

const directions: Record<string, Direction> = {
  ArrowUp: { dx: 0, dy: -1 },
  KeyW: { dx: 0, dy: -1 },
  ArrowDown: { dx: 0, dy: 1 },
  KeyS: { dx: 0, dy: 1 },
  ArrowLeft: { dx: -1, dy: 0 },
  KeyA: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
  KeyD: { dx: 1, dy: 0 },
}

/** Keyboard and joystick. Keys count only while the player types nowhere. */
export class Controls {
  /** Set by the joystick; zero while no finger is on it. */
  stick: Direction = { dx: 0, dy: 0 }
  /** Keys of actions, such as Space. */
  readonly #pressed = new Set<string>()
  readonly #ends = new AbortController()

  /** `act` is called once for each press of a key that walks nowhere. Returns whether the page used the key. */
  constructor(act: (code: string) => boolean) {
    const { signal } = this.#ends
    addEventListener(
      'keydown',
      (event) => {
        if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
        if (directions[event.code] !== undefined) {
          this.#pressed.add(event.code)
          event.preventDefault()
        } else if (!event.repeat && act(event.code)) event.preventDefault()
      },
      { signal },
    )
    addEventListener('keyup', ({ code }) => this.#pressed.delete(code), { signal })
    // Keys that are released elsewhere are never reported.
    addEventListener('blur', () => this.#pressed.clear(), { signal })
    addEventListener(
      'focusin',
      ({ target }) => {
        if (isTyping(target)) this.#pressed.clear()
      },
      { signal },
    )
  }

  /** Where the player wants to walk: at most 1 long. */
  direction(): Direction {
    let { dx, dy } = this.stick
    for (const code of this.#pressed) {
      dx += directions[code]?.dx ?? 0
      dy += directions[code]?.dy ?? 0
    }
    const length = Math.max(1, Math.hypot(dx, dy))
    return { dx: dx / length, dy: dy / length }
  }

  end(): void {
    this.#ends.abort()
  }
}

/** Whether keys go into a text, or to a control of the page that uses them. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, dialog, [role="tablist"], [role="log"]') !== null
}
