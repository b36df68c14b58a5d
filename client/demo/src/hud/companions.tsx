import { type ReactNode, useEffect, useState } from 'react'
import { titleOf } from '../play/titles.ts'
import { useGame, useGameState } from './context.ts'

/** The party at the edge of the screen, with the health of those in sight. */
export function Companions(): ReactNode {
  const game = useGame()
  const [party, me] = [useGameState('party'), useGameState('character')]
  const [, look] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => look((count) => count + 1), 500)
    return () => clearInterval(timer)
  }, [])
  const others = party?.members.filter(({ character }) => character !== me) ?? []
  if (others.length === 0) return null
  const seen = new Map([...(game.world?.entities.values() ?? [])].filter(({ kind }) => kind === 0).map((one) => [one.name, one as { health?: number }]))
  return (
    <ul className="companions" aria-label="Your party">
      {others.map(({ character, name }) => {
        const health = seen.get(name)?.health
        return (
          <li key={character}>
            <span>
              {name} {character === party?.leader && <span className="note">leads</span>}
            </span>
            {health === undefined ? (
              <span className="small">out of sight</span>
            ) : (
              <meter min={0} max={100} low={30} value={health} aria-label={`Health of ${name}`} />
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** The character that the player has clicked, with what one can do together. */
export function TargetCard({ onWhisper }: { onWhisper: (name: string) => void }): ReactNode {
  const game = useGame()
  const target = useGameState('target')
  if (target === undefined || !target.player) return null
  const { name } = target
  return (
    <section className="target" aria-label={`Character ${name}`}>
      <h2>{name}</h2>
      <button type="button" onClick={() => onWhisper(name)}>
        Whisper
      </button>
      <button type="button" onClick={() => void game.social.invite(name)}>
        Invite
      </button>
      <button type="button" onClick={() => void game.social.befriend(name)}>
        Befriend
      </button>
      <button type="button" aria-label="Close" onClick={() => game.aim(undefined)}>
        ✕
      </button>
    </section>
  )
}

/** What others ask of the player: at once, without opening a window. */
export function Requests(): ReactNode {
  const game = useGame()
  const { social } = game
  const [invitations, requests, guilds, offer, journey] = [
    useGameState('invitations'),
    useGameState('requests'),
    useGameState('guildInvitations'),
    useGameState('offer'),
    useGameState('journey'),
  ]
  return (
    <div className="requests" aria-live="polite">
      {offer !== undefined && (
        <Request
          text={`${offer.from} goes to ${titleOf(offer.map)}`}
          accept="Come along"
          onAccept={offer.accept}
          onDecline={() => game.store.set({ offer: undefined })}
        />
      )}
      {invitations.map(({ party, inviter }) => (
        <Request
          key={party}
          text={`${inviter.name} invites you to a party`}
          accept="Join"
          onAccept={() => void social.joinParty(party)}
          onDecline={() => void social.declineParty(party)}
        />
      ))}
      {requests.received.map(({ character, name }) => (
        <Request
          key={character}
          text={`${name} asks to be your friend`}
          accept="Accept"
          onAccept={() => void social.acceptFriend(name)}
          onDecline={() => void social.dropRequest(name)}
        />
      ))}
      {guilds.map(({ guild, name }) => (
        <Request
          key={guild}
          text={`The guild ${name} invites you`}
          accept="Join"
          onAccept={() => void social.joinGuild(guild)}
          onDecline={() => void social.declineGuild(guild)}
        />
      ))}
      {journey !== undefined && (
        <div className="request">
          <p>
            On the way to {titleOf(journey.map)}
            {journey.line !== undefined && `: ${journey.line.position + 1} of ${journey.line.length} in line`} …
          </p>
          <button type="button" onClick={() => game.cancelTravel()}>
            Stay
          </button>
        </div>
      )}
    </div>
  )
}

function Request({ text, accept, onAccept, onDecline }: { text: string; accept: string; onAccept: () => void; onDecline: () => void }): ReactNode {
  return (
    <div className="request">
      <p>{text}</p>
      <button type="button" className="primary" onClick={onAccept}>
        {accept}
      </button>
      <button type="button" onClick={onDecline}>
        No
      </button>
    </div>
  )
}
