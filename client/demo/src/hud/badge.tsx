import { type ReactNode, useEffect, useState } from 'react'
import { causeInWords, titleOf } from '../play/titles.ts'
import { useGame, useGameState } from './context.ts'

/** How long the badge says that the copy has changed, in ms. */
const CHANGED_MS = 8_000

/** Where the player is, and how the connection is. A click says why here. */
export function Badge({ onWhy }: { onWhy: () => void }): ReactNode {
  const place = useGameState('place')
  const arrival = useGameState('arrival')
  const [, setExpired] = useState(0)
  useEffect(() => {
    if (arrival === undefined) return undefined
    const timer = setTimeout(() => setExpired(arrival.at), CHANGED_MS)
    return () => clearTimeout(timer)
  }, [arrival])
  if (place === undefined) return null
  const fresh = arrival !== undefined && Date.now() - arrival.at < CHANGED_MS
  return (
    <section className="badge" aria-label="Where you are">
      <h1>{titleOf(place.map)}</h1>
      <p>
        <CopyMark copy={place.copy} /> {place.population} {place.population === 1 ? 'player' : 'players'} · <Lag />
      </p>
      <button type="button" onClick={onWhy}>
        Why am I here?
      </button>
      <p className="moved" role="status">
        {fresh && (
          <>
            Moved without a loading screen: {causeInWords(arrival.cause)}. The world stood still for {Math.round(arrival.gapMs)} ms
          </>
        )}
      </p>
    </section>
  )
}

/** A copy as a coloured chip: two players see at once whether they are in the same one. */
export function CopyMark({ copy }: { copy: string }): ReactNode {
  let hue = 0
  for (const letter of copy) hue = (hue * 31 + letter.charCodeAt(0)) % 360
  const short = copy.split('-').at(-1)?.slice(0, 6) ?? copy
  return (
    <span className="copy" title={`Copy ${copy}`}>
      <span className="dot" style={{ background: `hsl(${hue} 65% 60%)` }} />
      copy {short}
    </span>
  )
}

function Lag(): ReactNode {
  const game = useGame()
  const [text, setText] = useState('…')
  useEffect(() => {
    const timer = setInterval(() => {
      const { roundTripMs } = game.world !== undefined && !game.world.closed ? game.world.lag : {}
      setText(roundTripMs === undefined ? '…' : `${Math.round(roundTripMs)} ms`)
    }, 1_000)
    return () => clearInterval(timer)
  }, [game])
  return <span title="Round trip to the server">{text}</span>
}
