import './style.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { matchmakerUrl } from './matchmaker.ts'
import { Game } from './play/game.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element "root"')
const game = new Game(matchmakerUrl())
// `?name=Ada&map=town` enters at once; for two tabs side by side, and for tests.
const { searchParams } = new URL(location.href)
const name = searchParams.get('name')
const ready = (): void => {
  if (name !== null) void game.signIn(name, searchParams.get('map') ?? undefined)
}
createRoot(root).render(<App game={game} onReady={ready} />)
