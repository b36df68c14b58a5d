import { describe, expect, it } from 'vitest'
import type { GameServer } from '../../cluster/fleets.ts'
import { chooseServer, Hosting } from './serverChoice.ts'

const server = (id: string, more: Partial<GameServer> = {}): GameServer => ({ id, fleet: 'overworld', state: 'Allocated', overflow: false, rooms: 3, ...more })
type Placed = { map: string; server: string }
const choose = (servers: GameServer[], hosting: Placed[], eligible: (id: string) => boolean = () => true) =>
  chooseServer({ map: 'forest', fleet: 'overworld', servers, hosting: new Hosting(hosting), rooms: ({ rooms }) => rooms ?? 0, eligible })

describe('server of the next copy', () => {
  it('is the fullest allocated server with a free room, so that others can be given back', () => {
    const hosting = [
      { map: 'hills', server: 'a' },
      { map: 'hills', server: 'b' },
      { map: 'coast', server: 'b' },
    ]
    expect(choose([server('a'), server('b')], hosting)).toEqual({ use: 'b' })
  })

  it('is a server without a copy of the same map, when there is one', () => {
    const hosting = [
      { map: 'forest', server: 'b' },
      { map: 'coast', server: 'b' },
      { map: 'hills', server: 'a' },
    ]
    expect(choose([server('a'), server('b')], hosting)).toEqual({ use: 'a' })
  })

  it('is another server when one server holds all copies of the map', () => {
    const hosting = [{ map: 'forest', server: 'a' }]
    expect(choose([server('a')], hosting)).toEqual({ allocate: true, fallback: 'a' })
    expect(choose([server('a')], [...hosting, { map: 'forest', server: 'elsewhere' }])).toEqual({ use: 'a' })
  })

  it('is a newly allocated one when the others are full, of another fleet, not allocated, marked, or not eligible', () => {
    const full = [1, 2, 3].map(() => ({ map: 'hills', server: 'a' }))
    expect(choose([server('a')], full)).toEqual({ allocate: true })
    expect(
      choose([server('a', { fleet: 'dungeons' }), server('b', { state: 'Ready' }), server('c', { overflow: true }), server('d')], [], (id) => id !== 'd'),
    ).toEqual({ allocate: true })
  })

  it('is found in one pass over the copies, however many servers there are', () => {
    let read = 0
    const row = (n: number): Placed => ({
      map: `map-${n % 50}`,
      get server() {
        read++
        return `s${n % 1_000}`
      },
    })
    const hosting = Array.from({ length: 4_000 }, (_, n) => row(n))
    expect(
      choose(
        Array.from({ length: 1_000 }, (_, n) => server(`s${n}`, { rooms: 5 })),
        hosting,
      ),
    ).toHaveProperty('use')
    expect(read).toBeLessThanOrEqual(4_000)
  })
})
