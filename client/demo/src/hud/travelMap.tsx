import { type ReactNode, useEffect, useState } from 'react'
import { demoMap } from '../../../../gameserver/demo/maps.ts'
import type { StrataClient } from '../../../index.ts'
import { originsAround } from '../scene/geography.ts'
import { lookOf } from '../scene/look.ts'
import { CopyMark } from './badge.tsx'
import { useGame, useGameState } from './context.ts'
import { Dialog } from './dialog.tsx'
import { LinePlace } from './screens.tsx'

type Maps = Awaited<ReturnType<StrataClient['maps']>>['maps']

/** The numbers are read again this often, in ms. */
const EVERY_MS = 2_500
/** Maps that touch no other one stand in a column of their own. */
const APART = { x: -360, gap: 300 }

/** The world from above: where the player is, how full the maps are, and the way there. */
export function TravelMap({ onClose }: { onClose: () => void }): ReactNode {
  const game = useGame()
  const [place, journey] = [useGameState('place'), useGameState('journey')]
  const [maps, setMaps] = useState<Maps>([])
  useEffect(() => {
    const read = (): void =>
      void game.client.maps().then(
        (answer) => setMaps(answer.maps),
        () => undefined,
      )
    read()
    const timer = setInterval(read, EVERY_MS)
    return () => clearInterval(timer)
  }, [game])
  const go = (map: string, copy?: string): void => {
    onClose()
    void game.travel(copy === undefined ? { map } : { map, copy })
  }
  return (
    <Dialog title="World" onClose={onClose} wide>
      <WorldPicture maps={maps} here={place?.map} />
      {journey?.line !== undefined && <LinePlace line={journey.line} />}
      <ul className="maps">
        {maps.map(({ map, kind, players, waiting, copies, chooseCopy }) => (
          <li key={map} style={{ borderLeftColor: lookOf(map).ink }}>
            <div>
              <h3>
                {lookOf(map).title} {place?.map === map && <span className="note">you are here</span>}
              </h3>
              <p className="small">{lookOf(map).about}</p>
              <p className="small">
                {players} {players === 1 ? 'player' : 'players'} in {copies.length} {copies.length === 1 ? 'copy' : 'copies'}
                {waiting > 0 && `, ${waiting} in line`}
              </p>
            </div>
            {place?.map !== map && (
              <button type="button" className="primary" aria-label={`Travel to ${lookOf(map).title}`} disabled={journey !== undefined} onClick={() => go(map)}>
                {kind === 'instance' ? 'Enter with your party' : 'Travel'}
              </button>
            )}
            {chooseCopy && copies.length > 1 && (
              <div className="copies">
                {copies.map(({ copy, players: inside, soft, friends }) => (
                  <button key={copy} type="button" disabled={copy === place?.copy || journey !== undefined} onClick={() => go(map, copy)}>
                    <CopyMark copy={copy} /> {inside}/{soft}
                    {friends > 0 && ` · ${friends} friends`}
                  </button>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

function WorldPicture({ maps, here }: { maps: Maps; here: string | undefined }): ReactNode {
  const touching = originsAround('forest')
  let apart = 0
  const placed = maps.map((one) => {
    const origin = touching.get(one.map)
    return { ...one, half: demoMap(one.map).half, ...(origin ?? { x: APART.x - 250, y: -250 + APART.gap * apart++ }) }
  })
  return (
    <svg className="world" viewBox="-820 -440 1960 1480" aria-hidden="true">
      <defs>
        <radialGradient id="sea">
          <stop offset="0" stopColor="#20343c" />
          <stop offset="1" stopColor="#131c21" />
        </radialGradient>
      </defs>
      <rect x={-820} y={-440} width={1960} height={1480} rx={40} fill="url(#sea)" />
      {placed.map(({ map, x, y, half, players }) => (
        <g key={map} transform={`translate(${x} ${y})`}>
          <rect
            x={-half}
            y={-half}
            width={2 * half}
            height={2 * half}
            rx={touching.has(map) ? 26 : half}
            fill={lookOf(map).ink}
            opacity={map === here ? 1 : 0.72}
            stroke={map === here ? '#fff' : '#0c1114'}
            strokeWidth={map === here ? 14 : 6}
          />
          {/* Each dot is a player, spread evenly: nobody is shown where they are. */}
          {dots(players, half).map(({ x: cx, y: cy }) => (
            <circle key={`${cx} ${cy}`} cx={cx} cy={cy} r={9} fill="#fff" opacity={0.75} />
          ))}
          <text y={half > 100 ? -half + 78 : -half - 24} textAnchor="middle" className="map-name">
            {lookOf(map).title}
          </text>
        </g>
      ))}
    </svg>
  )
}

/** A place for each player, at most for 150 of them, spread evenly. */
function dots(players: number, half: number): { x: number; y: number }[] {
  return Array.from({ length: Math.min(players, 150) }, (_, index) => {
    const away = Math.sqrt((index + 0.5) / 150) * half * 0.85
    return { x: Math.cos(index * 2.4) * away, y: Math.sin(index * 2.4) * away }
  })
}
