import { StrataClientError } from '../../../index.ts'
import type { GameState, Notice } from './state.ts'
import type { Store } from './store.ts'

const SHOWN_MS = 4_500
const MOST = 4

/** Short messages that go by themselves. */
export class Notices {
  readonly #store: Store<GameState>
  #count = 0

  constructor(store: Store<GameState>) {
    this.#store = store
  }

  add(text: string, tone: Notice['tone']): void {
    const notices = this.#store.get().notices
    if (notices.at(-1)?.text === text) return
    const id = ++this.#count
    this.#store.set({ notices: [...notices, { id, text, tone }].slice(-MOST) })
    setTimeout(() => this.#store.set({ notices: this.#store.get().notices.filter((notice) => notice.id !== id) }), SHOWN_MS)
  }

  /** Runs an action of the player. A refusal is shown, and the result is then false. */
  async attempt(action: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await action()
      if (done !== undefined) this.add(done, 'good')
      return true
    } catch (error) {
      this.add(error instanceof StrataClientError || error instanceof Error ? error.message : String(error), 'bad')
      return false
    }
  }
}
