import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Game } from '../play/game.ts'
import type { GameState } from '../play/state.ts'
import type { View } from '../view.ts'

interface Parts {
  game: Game
  view: View | undefined
}

export const PartsContext = createContext<Parts | undefined>(undefined)

function useParts(): Parts {
  const parts = useContext(PartsContext)
  if (parts === undefined) throw new Error('a part of the page is outside of PartsContext')
  return parts
}

export function useGame(): Game {
  return useParts().game
}
export function useView(): View | undefined {
  return useParts().view
}

/** One member of the state. The component renders again when it is replaced. */
export function useGameState<Key extends keyof GameState>(key: Key): GameState[Key] {
  const { store } = useGame()
  return useSyncExternalStore(store.subscribe, () => store.get()[key])
}
