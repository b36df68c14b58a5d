/** Totals over all layered maps at one moment, for the plot. `at` is in seconds; `moves` counts from the start of the day. */
export interface Sample {
  at: number
  players: number
  copies: number
  moves: number
  waiting: number
}
