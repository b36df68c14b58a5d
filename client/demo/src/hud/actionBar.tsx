import type { ReactNode } from 'react'
import { gatherTitle } from '../controls/actions.ts'
import { useGameState, useView } from './context.ts'

/** Health, the bag, and the buttons of what the player does. */
export function ActionBar(): ReactNode {
  const view = useView()
  const [health, down, bag, place] = [useGameState('health'), useGameState('down'), useGameState('bag'), useGameState('place')]
  const items = Object.entries(bag).filter(([, count]) => count > 0)
  return (
    <section className="actions" aria-label="Your character">
      <div className="vitals">
        <meter min={0} max={100} low={30} value={health} aria-label="Health">
          {health} %
        </meter>
        <span className="number" aria-hidden="true">
          {down ? 'down' : `${health} %`}
        </span>
      </div>
      <div className="buttons">
        <button type="button" className="act attack" onClick={() => view?.attack()} disabled={down}>
          Attack <kbd>Space</kbd>
        </button>
        <button type="button" className="act" onClick={() => view?.gather()} disabled={down}>
          {gatherTitle(place?.map ?? '')} <kbd>E</kbd>
        </button>
      </div>
      {items.length > 0 && (
        <ul className="bag" aria-label="Bag">
          {items.map(([item, count]) => (
            <li key={item}>
              {item} <b>{count}</b>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
