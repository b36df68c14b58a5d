import { type ReactNode, useEffect, useState } from 'react'
import type { Line, Phase } from '../play/state.ts'
import { titleOf } from '../play/titles.ts'
import { useGame } from './context.ts'
import { Mark } from './signIn.tsx'

/** What covers the world while the player is not in it. */
export function Screens({ phase }: { phase: Phase }): ReactNode {
  const game = useGame()
  switch (phase.name) {
    case 'entering':
      return (
        <Cover title={`On the way to ${titleOf(phase.map)}`} busy>
          <button type="button" onClick={() => game.cancel()}>
            Cancel
          </button>
        </Cover>
      )
    case 'line':
      return (
        <Cover title={`${titleOf(phase.line.map)} is full`} busy>
          <LinePlace line={phase.line} />
          <p className="small">Your place is kept for a while if the connection breaks. You enter by yourself when it is your turn.</p>
          <button type="button" onClick={() => game.cancel()}>
            Leave the line
          </button>
        </Cover>
      )
    case 'reconnecting':
      return (
        <Cover title="Connection lost" busy>
          <p>
            Entering again, attempt {phase.attempt + 1} <Seconds />
          </p>
          <p className="small">{phase.cause}. Your character is saved.</p>
          <button type="button" onClick={() => void game.leave()}>
            Give up
          </button>
        </Cover>
      )
    case 'ended':
      return (
        <Cover title="You left the world">
          <p role="alert">{phase.problem}</p>
          <button type="button" className="primary" onClick={() => void game.signIn(game.store.get().name)}>
            Enter again
          </button>
          <button type="button" onClick={() => void game.leave()}>
            Sign out
          </button>
        </Cover>
      )
    default:
      return null
  }
}

function Cover({ title, busy = false, children }: { title: string; busy?: boolean; children: ReactNode }): ReactNode {
  return (
    <main className="screen cover">
      <div className="card" role="status" aria-live="polite">
        {busy ? <div className="spinner" aria-hidden="true" /> : <Mark />}
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  )
}

export function LinePlace({ line }: { line: Line }): ReactNode {
  const { position, length, waitMs } = line
  return (
    <>
      <p className="place">
        <strong>{position + 1}</strong> of {length} in line
      </p>
      <meter className="range" min={0} max={Math.max(1, length)} value={Math.max(0, length - position)} aria-label="How far you have come in the line" />
      <p>{waitMs === 'unknown' ? 'Nobody can tell yet how long it takes' : `About ${minutes(waitMs.p50)} to ${minutes(waitMs.p90)}`}</p>
    </>
  )
}

function minutes(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

function Seconds(): ReactNode {
  const [seconds, setSeconds] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setSeconds((value) => value + 1), 1_000)
    return () => clearInterval(timer)
  }, [])
  return <span aria-hidden="true">· {seconds} s</span>
}
