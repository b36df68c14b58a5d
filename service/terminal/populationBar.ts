import type { Paint } from './paint.ts'

export interface Population {
  players: number
  held: number
  soft: number
  hard: number
}

/** `█████▒▒···|··`: taken seats, held seats, free seats; the mark is the soft cap. Green up to the soft cap, yellow above it, red above the hard cap. */
export function populationBar({ players, held, soft, hard }: Population, cells: number, paint: Paint): string {
  if (hard === 0) return paint('dim', 'no policy'.padEnd(cells).slice(0, cells))
  const scaled = (people: number): number => Math.min(cells, Math.round((people / hard) * cells))
  const [taken, filled, mark] = [scaled(players), scaled(players + held), scaled(soft)]
  const text = Array.from({ length: cells }, (_, cell) => (cell < taken ? '█' : cell < filled ? '▒' : cell === mark ? '|' : '·')).join('')
  const seats = players + held
  return paint(seats > hard ? 'red' : seats > soft ? 'yellow' : 'green', text)
}
