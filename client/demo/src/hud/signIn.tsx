import { type FormEvent, type ReactNode, useState } from 'react'
import { useGame, useGameState } from './context.ts'

const NAME_KEY = 'strata demo name'

/** The first screen. The development login takes any name. */
export function SignIn({ problem }: { problem: string | undefined }): ReactNode {
  const game = useGame()
  const last = useGameState('name')
  const [name, setName] = useState(last || (localStorage.getItem(NAME_KEY) ?? ''))
  const enter = (event: FormEvent): void => {
    event.preventDefault()
    const chosen = name.trim()
    if (chosen === '') return
    localStorage.setItem(NAME_KEY, chosen)
    void game.signIn(chosen)
  }
  return (
    <main className="screen welcome">
      <form className="card" onSubmit={enter}>
        <Mark />
        <h1>Strata</h1>
        <p className="lead">One world in many copies. Walk, fight, talk and travel while the copies open and merge around you.</p>
        <label htmlFor="name">Name</label>
        <input id="name" value={name} onChange={(event) => setName(event.target.value)} maxLength={32} autoComplete="off" spellCheck={false} required />
        <button type="submit" className="primary">
          Enter the forest
        </button>
        {problem !== undefined && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <p className="small">Any name signs you in: this is the development login. Another name in a second tab is a second player.</p>
      </form>
    </main>
  )
}

export function Mark(): ReactNode {
  return (
    <svg viewBox="0 0 32 26" className="mark" aria-hidden="true">
      <path d="M16 1 30 8 16 15 2 8z" fill="#7fd1ae" />
      <path d="m2 13 14 7 14-7v3l-14 7-14-7z" fill="#4b9fb8" />
      <path d="m2 19 14 7 14-7v1l-14 7-14-7z" fill="#e0b65a" />
    </svg>
  )
}
