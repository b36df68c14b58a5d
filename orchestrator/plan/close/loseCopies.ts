import { count, type MapView } from '../view/mapView.ts'

/** Gives up the copies whose server is gone, so that their players can enter other copies (rule D2). */
export function loseCopies({ map, gone, actions }: MapView): void {
  for (const { id, copy, players } of gone) {
    actions.push({ type: 'lose', map, copy: id, why: `server ${copy.server} is gone; the players of ${count(players, 'seat')} in ${id} can enter elsewhere` })
  }
}
