import { type ReactNode, useEffect } from 'react'
import type { ExplainResponse } from '../../../index.ts'
import { titleOf } from '../play/titles.ts'
import { CopyMark } from './badge.tsx'
import { useGame, useGameState } from './context.ts'
import { Dialog } from './dialog.tsx'

type Decision = ExplainResponse['decisions'][number]

/** Decisions that are shown. */
const SHOWN = 4

const outcomes: Record<string, string> = { place: 'You were placed', refuse: 'You were refused', wait: 'You got a place in line', move: 'You were moved' }

/** Names of the terms of a score, for people. */
const terms: Record<string, string> = {
  friends: 'friends',
  guild: 'guild',
  language: 'language',
  familiar: 'people you met',
  occupancy: 'fullness',
  latency: 'connection',
}

/** Why the player is in this copy: the answer of `client.explain`. */
export function Why({ onClose }: { onClose: () => void }): ReactNode {
  const game = useGame()
  const answer = useGameState('explanation')
  useEffect(() => void game.explain(), [game])
  const place = answer?.whereabouts
  return (
    <Dialog title="Why am I here?" onClose={onClose} wide>
      {answer === undefined ? (
        <p>Asking the matchmaker …</p>
      ) : (
        <>
          {place !== undefined && (
            <p>
              You are in {titleOf(place.map)}, <CopyMark copy={place.copy} />
              {place.server === undefined ? '' : `, on server ${place.server}`}.
            </p>
          )}
          {answer.decisions.slice(0, SHOWN).map((decision) => (
            <DecisionCard key={decision.id} decision={decision} />
          ))}
          {answer.decisions.length === 0 && <p>The decision is not stored yet. Look again in a moment.</p>}
        </>
      )}
    </Dialog>
  )
}

function DecisionCard({ decision }: { decision: Decision }): ReactNode {
  const { at, kind, map, copy, reason, candidates, policyVersion } = decision
  const names = [...new Set(candidates.flatMap((candidate) => Object.keys(candidate.terms ?? {})))].sort()
  return (
    <article className="decision">
      <h3>
        {outcomes[kind] ?? kind}: {titleOf(map)} {copy !== undefined && <CopyMark copy={copy} />}
      </h3>
      <p className="small">
        {new Date(at).toLocaleTimeString()} · policy {policyVersion.slice(0, 8)}
      </p>
      <p>{reason}</p>
      {candidates.length > 0 && (
        // Tables may be wider than a phone; a region that scrolls has to take the focus.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
        <section className="scroll" tabIndex={0} aria-label="Copies that were considered">
          <table>
            <thead>
              <tr>
                <th scope="col">Copy</th>
                <th scope="col">Players</th>
                {names.map((name) => (
                  <th key={name} scope="col">
                    {terms[name] ?? name}
                  </th>
                ))}
                <th scope="col">Score</th>
              </tr>
            </thead>
            <tbody>
              {candidates.slice(0, 8).map((candidate) => (
                <tr key={candidate.copy} className={candidate.copy === copy ? 'chosen' : undefined}>
                  <th scope="row">
                    <CopyMark copy={candidate.copy} />
                    {candidate.copy === copy && ' ✓'}
                  </th>
                  <td>
                    {candidate.population}/{candidate.limit}
                  </td>
                  {candidate.filtered === undefined ? (
                    <>
                      {names.map((name) => (
                        <td key={name}>{(candidate.terms?.[name] ?? 0).toFixed(1)}</td>
                      ))}
                      <td>{candidate.score?.toFixed(1) ?? '–'}</td>
                    </>
                  ) : (
                    <td colSpan={names.length + 1}>not possible: {candidate.filtered}</td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </article>
  )
}
