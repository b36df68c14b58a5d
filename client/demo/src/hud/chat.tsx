import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { ChatLine } from '../play/state.ts'
import type { SpeakIn } from '../play/talk.ts'
import { useGame, useGameState } from './context.ts'

const channels: readonly { id: SpeakIn; title: string }[] = [
  { id: 'near', title: 'Near' },
  { id: 'map', title: 'Map' },
  { id: 'party', title: 'Party' },
  { id: 'guild', title: 'Guild' },
  { id: 'whisper', title: 'Whisper' },
]

interface ChatProps {
  open: boolean
  setOpen: (open: boolean) => void
  channel: SpeakIn
  setChannel: (channel: SpeakIn) => void
  to: string
  setTo: (to: string) => void
}

/** All channels in one log, and one line to speak in one of them. */
export function Chat({ open, setOpen, channel, setChannel, to, setTo }: ChatProps): ReactNode {
  const game = useGame()
  const lines = useGameState('chat')
  const [text, setText] = useState('')
  const log = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line or the opened chat shows the end
  useEffect(() => {
    if (log.current !== null) log.current.scrollTop = log.current.scrollHeight
  }, [lines, open])
  const say = (event: FormEvent): void => {
    event.preventDefault()
    if (text.trim() === '') {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
      return
    }
    void game.talk.say(channel, text, channel === 'whisper' ? to : undefined)
    setText('')
  }
  if (!open) {
    return (
      <button type="button" className="chat-open" onClick={() => setOpen(true)}>
        Chat
      </button>
    )
  }
  return (
    <section className="chat" aria-label="Chat">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard */}
      <div className="log" ref={log} role="log" aria-label="Messages" tabIndex={0}>
        {lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </div>
      <form onSubmit={say}>
        <select aria-label="Channel" value={channel} onChange={(event) => setChannel(event.target.value as SpeakIn)} className={channel}>
          {channels.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
        {channel === 'whisper' && (
          <input className="to" aria-label="Whisper to" placeholder="to" value={to} onChange={(event) => setTo(event.target.value)} required />
        )}
        <input
          id="say"
          aria-label="Message"
          placeholder="Enter: talk"
          value={text}
          onChange={(event) => setText(event.target.value)}
          maxLength={300}
          autoComplete="off"
        />
        {/* A form with two inputs is sent by Enter only when it has such a button. */}
        <button type="submit" className="fold" aria-label="Say">
          ↵
        </button>
        <button type="button" className="fold" aria-label="Hide the chat" onClick={() => setOpen(false)}>
          –
        </button>
      </form>
    </section>
  )
}

function Line({ line: { channel, from, to, text, own } }: { line: ChatLine }): ReactNode {
  if (channel === 'system') return <p className="system">{text}</p>
  const title = channel === 'announcement' ? 'Operators' : channel.charAt(0).toUpperCase() + channel.slice(1)
  return (
    <p className={channel}>
      <span className="channel">{title}</span> <b>{own && to !== undefined ? `You → ${to}` : (from ?? 'Operators')}</b> {text}
    </p>
  )
}
