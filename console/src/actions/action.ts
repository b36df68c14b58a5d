/** What the person wrote. `minutes`: undefined for "until lifted". */
export interface Written {
  reason: string
  text: string
  minutes: number | undefined
}

export interface Action {
  /** On the button, such as `Close`. */
  label: string
  /** What it does, in one sentence; shown before it is done. */
  effect: string
  color?: string
  /** Asks for a text in place of a reason. */
  asksText?: boolean
  /** Asks for how long. A sanction may also have no end. */
  asksTime?: 'hold' | 'sanction'
  /** The reason is for the player, too. */
  reasonIsShown?: boolean
  /** Returns what undoes it. */
  run(written: Written): Promise<Undo | undefined>
}

export interface Undo {
  label: string
  run(reason: string): Promise<unknown>
}
