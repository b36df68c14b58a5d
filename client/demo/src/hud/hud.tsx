import { type ReactNode, useCallback, useEffect, useState } from 'react'
import type { SpeakIn } from '../play/talk.ts'
import { ActionBar } from './actionBar.tsx'
import { Badge } from './badge.tsx'
import { Chat } from './chat.tsx'
import { Companions, Requests, TargetCard } from './companions.tsx'
import { useGame, useGameState } from './context.ts'
import { Joystick } from './joystick.tsx'
import { People } from './people.tsx'
import { TravelMap } from './travelMap.tsx'
import { Why } from './why.tsx'

export type Window = 'why' | 'people' | 'map'

const keys: Record<string, Window> = { KeyM: 'map', KeyP: 'people', KeyH: 'why' }

/** Everything around the world while the player is in it. `pressed`: keys that the world has no use for. */
export function Hud({ pressed }: { pressed: EventTarget }): ReactNode {
  const game = useGame()
  const waiting = useGameState('requests').received.length + useGameState('invitations').length
  const [shown, setShown] = useState<Window>()
  const [chatOpen, setChatOpen] = useState(() => innerWidth > 700)
  const [channel, setChannel] = useState<SpeakIn>('map')
  const [to, setTo] = useState('')
  const phase = useGameState('phase').name
  // A lost connection is said above everything else.
  useEffect(() => {
    if (phase !== 'playing') setShown(undefined)
  }, [phase])
  const close = useCallback(() => setShown(undefined), [])
  const whisper = useCallback((name: string) => {
    setShown(undefined)
    setChannel('whisper')
    setTo(name)
    setChatOpen(true)
    setTimeout(() => document.getElementById('say')?.focus())
  }, [])
  useEffect(() => {
    const press = (event: Event): void => {
      const { code } = (event as CustomEvent<{ code: string }>).detail
      if (code === 'Enter') {
        setChatOpen(true)
        setTimeout(() => document.getElementById('say')?.focus())
      } else setShown(keys[code])
    }
    pressed.addEventListener('key', press)
    return () => pressed.removeEventListener('key', press)
  }, [pressed])
  return (
    <>
      <div className="top-left">
        <Badge onWhy={() => setShown('why')} />
        <Companions />
      </div>
      <nav className="menu" aria-label="Menu">
        <button type="button" onClick={() => setShown('map')}>
          World <kbd>M</kbd>
        </button>
        <button type="button" onClick={() => setShown('people')}>
          People {waiting > 0 && <span className="count">{waiting}</span>} <kbd>P</kbd>
        </button>
        <button type="button" onClick={() => void game.leave()}>
          Leave
        </button>
      </nav>
      <div className="top">
        <TargetCard onWhisper={whisper} />
        <Requests />
      </div>
      <div className="bottom-left">
        <Chat open={chatOpen} setOpen={setChatOpen} channel={channel} setChannel={setChannel} to={to} setTo={setTo} />
      </div>
      <ActionBar />
      <Joystick />
      {shown === 'why' && <Why onClose={close} />}
      {shown === 'people' && <People onClose={close} onWhisper={whisper} />}
      {shown === 'map' && <TravelMap onClose={close} />}
    </>
  )
}
