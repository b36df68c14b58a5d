import type { Paint } from './paint.ts'

export interface Crowd {
  players: number
  held: number
  soft: number
  hard: number
}

/** `█████▒▒···|··`: taken, held, free; the mark is the soft cap. Green to the soft cap, yellow above it, red above hard. */
export function populationBar({ players, held, soft, hard }: Crowd, cells: number, paint: Paint): string {
  if (hard === 0) return paint('dim', 'no policy'.padEnd(cells).slice(0, cells))
  const scaled = (people: number): number => Math.min(cells, Math.round((people / hard) * cells))
  const [taken, filled, mark] = [scaled(players), scaled(players + held), scaled(soft)]
  const text = Array.from({ length: cells }, (_, cell) => (cell < taken ? '█' : cell < filled ? '▒' : cell === mark ? '|' : '·')).join('')
  const seats = players + held
  return paint(seats > hard ? 'red' : seats > soft ? 'yellow' : 'green', text)
}
