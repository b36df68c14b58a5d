import { type FormEvent, type ReactNode, useState } from 'react'
import { titleOf } from '../play/titles.ts'
import { useGame, useGameState } from './context.ts'
import { Dialog } from './dialog.tsx'

interface PeopleProps {
  onClose: () => void
  onWhisper: (name: string) => void
}

/** Party, friends and guild of the player. */
export function People({ onClose, onWhisper }: PeopleProps): ReactNode {
  return (
    <Dialog title="People" onClose={onClose} wide>
      <div className="columns">
        <PartySection />
        <FriendsSection onWhisper={onWhisper} />
        <GuildSection />
      </div>
    </Dialog>
  )
}

function PartySection(): ReactNode {
  const { social } = useGame()
  const [party, invitations, me] = [useGameState('party'), useGameState('invitations'), useGameState('character')]
  const leads = party?.leader === me
  return (
    <section aria-labelledby="party-title">
      <h3 id="party-title">Party</h3>
      {invitations.map(({ party: id, inviter }) => (
        <Row key={id} name={`${inviter.name} invites you`}>
          <Act label={`Join the party of ${inviter.name}`} text="Join" primary onClick={() => social.joinParty(id)} />
          <Act label={`Decline the party of ${inviter.name}`} text="Decline" onClick={() => social.declineParty(id)} />
        </Row>
      ))}
      {party === undefined ? (
        <p className="small">Alone. Members of a party are placed and moved together.</p>
      ) : (
        <>
          {party.members.map(({ character, name }) => (
            <Row key={character} name={name} note={character === party.leader ? 'leads' : undefined}>
              {leads && character !== me && <Act label={`Remove ${name} from the party`} text="Remove" onClick={() => social.kick(name)} />}
            </Row>
          ))}
          {party.invited.map(({ character, name }) => (
            <Row key={character} name={name} note="invited" />
          ))}
          <Act label="Leave the party" text="Leave the party" onClick={() => social.leaveParty()} />
        </>
      )}
      <Ask label="Invite to the party" button="Invite" onAsk={(name) => social.invite(name)} />
    </section>
  )
}

function FriendsSection({ onWhisper }: { onWhisper: (name: string) => void }): ReactNode {
  const game = useGame()
  const { social } = game
  const [friends, requests] = [useGameState('friends'), useGameState('requests')]
  return (
    <section aria-labelledby="friends-title">
      <h3 id="friends-title">Friends</h3>
      {requests.received.map(({ character, name }) => (
        <Row key={character} name={`${name} asks`}>
          <Act label={`Accept ${name} as a friend`} text="Accept" primary onClick={() => social.acceptFriend(name)} />
          <Act label={`Decline ${name} as a friend`} text="Decline" onClick={() => social.dropRequest(name)} />
        </Row>
      ))}
      {friends.map(({ character, name, online, map, joinable }) => (
        <Row key={character} name={name} note={online ? (map === undefined ? 'here' : titleOf(map)) : 'away'} online={online}>
          {joinable === true && <Act label={`Travel to ${name}`} text="Go there" onClick={() => game.travel({ friend: name })} />}
          {online && <Act label={`Whisper to ${name}`} text="Whisper" onClick={() => onWhisper(name)} />}
          <Act label={`Remove ${name} from your friends`} text="Remove" onClick={() => social.unfriend(name)} />
        </Row>
      ))}
      {requests.sent.map(({ character, name }) => (
        <Row key={character} name={name} note="asked">
          <Act label={`Take back the request to ${name}`} text="Take back" onClick={() => social.dropRequest(name)} />
        </Row>
      ))}
      {friends.length === 0 && requests.received.length === 0 && <p className="small">Nobody yet. Copies with your friends are preferred when you enter.</p>}
      <Ask label="Ask for friendship" button="Ask" onAsk={(name) => social.befriend(name)} />
    </section>
  )
}

function GuildSection(): ReactNode {
  const { social } = useGame()
  const [guild, invitations] = [useGameState('guild'), useGameState('guildInvitations')]
  return (
    <section aria-labelledby="guild-title">
      <h3 id="guild-title">Guild</h3>
      {invitations.map(({ guild: id, name }) => (
        <Row key={id} name={name}>
          <Act label={`Join the guild ${name}`} text="Join" primary onClick={() => social.joinGuild(id)} />
          <Act label={`Decline the guild ${name}`} text="Decline" onClick={() => social.declineGuild(id)} />
        </Row>
      ))}
      {guild === undefined ? (
        <>
          <p className="small">None. A guild gives your cloak its colour, and a channel over all copies.</p>
          <Ask label="Found a guild" button="Found" onAsk={(name) => social.foundGuild(name)} />
        </>
      ) : (
        <>
          <Row name={guild.name} />
          <Act label="Leave the guild" text="Leave the guild" onClick={() => social.leaveGuild()} />
          <Ask label="Invite to the guild" button="Invite" onAsk={(name) => social.inviteToGuild(name)} />
        </>
      )}
    </section>
  )
}

function Row({ name, note, online, children }: { name: string; note?: string | undefined; online?: boolean; children?: ReactNode }): ReactNode {
  return (
    <div className="row">
      <span className="who">
        {online !== undefined && <span className={online ? 'presence on' : 'presence'} aria-hidden="true" />}
        {name}
        {note !== undefined && <span className="note">{note}</span>}
      </span>
      <span className="acts">{children}</span>
    </div>
  )
}

function Act({ label, text, onClick, primary = false }: { label: string; text: string; onClick: () => unknown; primary?: boolean }): ReactNode {
  return (
    <button type="button" aria-label={label} className={primary ? 'primary' : undefined} onClick={() => void onClick()}>
      {text}
    </button>
  )
}

function Ask({ label, button, onAsk }: { label: string; button: string; onAsk: (name: string) => Promise<boolean> }): ReactNode {
  const [name, setName] = useState('')
  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (name.trim() !== '' && (await onAsk(name.trim()))) setName('')
  }
  return (
    <form className="ask" onSubmit={(event) => void ask(event)}>
      <input aria-label={label} placeholder={label} value={name} onChange={(event) => setName(event.target.value)} maxLength={64} autoComplete="off" />
      <button type="submit">{button}</button>
    </form>
  )
}
