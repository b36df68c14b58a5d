import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { PartsContext, useGameState } from './hud/context.ts'
import { Hud } from './hud/hud.tsx'
import { Screens } from './hud/screens.tsx'
import { SignIn } from './hud/signIn.tsx'
import type { Game } from './play/game.ts'
import { View } from './view.ts'

/** Keys that open something on the page. */
const pageKeys = new Set(['KeyM', 'KeyP', 'KeyH', 'Enter'])

/** `onReady`: the picture can be drawn. Before that the browser may be busy for seconds, and calls of the matchmaker would be late. */
export function App({ game, onReady }: { game: Game; onReady: () => void }): ReactNode {
  const host = useRef<HTMLDivElement>(null)
  const [view, setView] = useState<View>()
  const [problem, setProblem] = useState<string>()
  const [pressed] = useState(() => new EventTarget())
  useEffect(() => {
    if (host.current === null) return undefined
    let [opened, closed]: [View | undefined, boolean] = [undefined, false]
    const press = (code: string): boolean => pageKeys.has(code) && pressed.dispatchEvent(new CustomEvent('key', { detail: { code } }))
    View.open(host.current, game, press).then(
      (made) => {
        opened = made
        if (closed) made.close()
        else {
          setView(made)
          onReady()
        }
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    )
    return () => {
      closed = true
      opened?.close()
    }
  }, [game, pressed, onReady])
  useEffect(() => {
    // For tests, and for people who look into the console of the browser.
    Object.assign(globalThis, { strata: { game, view } })
  }, [game, view])
  return (
    <PartsContext value={{ game, view }}>
      <div ref={host} className="stage" onPointerUp={(event: PointerEvent) => view?.click(event.clientX, event.clientY)} />
      {problem === undefined ? <Page pressed={pressed} /> : <NoPicture problem={problem} />}
      <Notices />
    </PartsContext>
  )
}

function Page({ pressed }: { pressed: EventTarget }): ReactNode {
  const phase = useGameState('phase')
  if (phase.name === 'signIn') return <SignIn problem={phase.problem} />
  return (
    <>
      {(phase.name === 'playing' || phase.name === 'reconnecting') && <Hud pressed={pressed} />}
      <Screens phase={phase} />
    </>
  )
}

function NoPicture({ problem }: { problem: string }): ReactNode {
  return (
    <main className="screen cover">
      <div className="card" role="alert">
        <h1>This browser shows no picture</h1>
        <p>The demo draws with WebGL, which is not available here: {problem}. Switch on hardware acceleration, or try another browser.</p>
      </div>
    </main>
  )
}

function Notices(): ReactNode {
  const notices = useGameState('notices')
  return (
    <div className="notices" role="status">
      {notices.map(({ id, text, tone }) => (
        <p key={id} className={tone}>
          {text}
        </p>
      ))}
    </div>
  )
}
