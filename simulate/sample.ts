/** What the world looked like at one moment, for the plot. `moves` counts from the start. */
export interface Sample {
  at: number
  players: number
  copies: number
  moves: number
  waiting: number
}
