import { count, type MapView } from '../view/mapView.ts'

/** Nobody is live on a server that is gone: its copies are given up, so that their players can enter again (rule D2). */
export function loseCopies({ map, gone, actions }: MapView): void {
  for (const { id, copy, players } of gone) {
    actions.push({ type: 'lose', map, copy: id, why: `server ${copy.server} is gone; ${count(players, 'seat')} of ${id} can be entered elsewhere` })
  }
}
