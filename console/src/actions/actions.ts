import type { LiveCopy, LiveHold, LiveMap } from '../../../model/wire/live.ts'
import { post } from '../api/request.ts'
import type { Action, Undo, Written } from './action.ts'

/** For what cannot be undone. */
async function done(act: Promise<unknown>): Promise<undefined> {
  await act
  return undefined
}

function lift(hold: { id: string }): Undo {
  return { label: 'Lift', run: (reason) => post(`/v1/holds/${encodeURIComponent(hold.id)}/lift`, { reason }) }
}

export function liftHold(hold: LiveHold): Action {
  return {
    label: hold.copy === undefined ? 'Allow merges' : 'Unpin',
    effect: `Ends what ${hold.actor} ordered: ${hold.reason}`,
    run: ({ reason }) => done(lift(hold).run(reason)),
  }
}

/** What an operator may do to a copy in its state. */
export function copyActions({ id, map, state, reason: closing }: LiveCopy, pin: LiveHold | undefined): Action[] {
  const reopen: Action = {
    label: 'Open again',
    effect: `${id} is open again, and its players stay. This works for copies that an operator closed.`,
    run: ({ reason }) => done(post('/v1/reopen', { copy: id, reason })),
  }
  const close: Action = {
    label: 'Drain and close',
    color: 'red',
    effect: `${id} takes no new players, its players are moved to other copies of ${map} at moments that the game allows, and then it ends.`,
    async run({ reason }) {
      await post('/v1/close', { copy: id, reason })
      return { label: 'Open again', run: (why) => post('/v1/reopen', { copy: id, reason: why }) }
    },
  }
  const pinning: Action = {
    label: 'Pin',
    effect: `For this time the plan neither merges nor closes ${id}. It may still be closed by hand, and it ends with its server.`,
    asksTime: 'hold',
    run: async ({ reason, minutes }) => lift(await post<{ id: string }>('/v1/holds', { map, copy: id, minutes, reason })),
  }
  if (state === 'closing') return closing === 'operator' ? [reopen] : []
  return [...(state === 'open' ? [pin === undefined ? pinning : liftHold(pin)] : []), ...(state === 'lost' ? [] : [close])]
}

export function serverActions(server: { id: string; draining: boolean }): Action[] {
  if (server.draining) return []
  return [
    {
      label: 'Drain',
      color: 'red',
      effect: `${server.id} gets no new players; the players of its copies are moved to other servers, and then it ends. This cannot be undone; the fleet starts another server when it needs one.`,
      run: ({ reason }) => done(post('/v1/drain', { server: server.id, reason })),
    },
  ]
}

export function mapActions({ map, kind }: LiveMap, held: LiveHold | undefined): Action[] {
  if (kind === 'instance') return []
  const open: Action = {
    label: 'Open a copy',
    effect: `Opens one more copy of ${map} now. The plan merges it again when the map does not need it.`,
    run: async ({ reason }) => {
      const { copy } = await post<{ copy: string }>('/v1/open', { map, reason })
      return { label: 'Close it again', run: (why) => post('/v1/close', { copy, reason: why }) }
    },
  }
  const hold: Action = {
    label: 'Hold merges',
    effect: `For this time no copy of ${map} is merged or closed because it is empty. More copies may stay open than the map needs.`,
    asksTime: 'hold',
    run: async ({ reason, minutes }) => lift(await post<{ id: string }>('/v1/holds', { map, minutes, reason })),
  }
  return [open, held === undefined ? hold : liftHold(held)]
}

/** What a moderator may do to a player. `player`: the character's id. */
export function playerActions(player: string, name: string): Action[] {
  const act = (path: string, body: object): Promise<unknown> => post(`/v1/moderation/${path}`, { player: `character:${player}`, ...body })
  const sanction = (path: 'ban' | 'mute', { reason, minutes }: Written): Promise<unknown> =>
    act(path, { reason, ...(minutes === undefined ? {} : { until: Date.now() + minutes * 60_000 }) })
  const lifted = (path: 'ban' | 'mute'): Undo => ({ label: `Lift the ${path}`, run: (reason) => act(`un${path}`, { reason }) })
  return [
    {
      label: 'Message',
      effect: `Sends a text to ${name}, if the player is in the world.`,
      asksText: true,
      run: ({ text }) => done(act('message', { text })),
    },
    {
      label: 'Kick',
      color: 'red',
      effect: `Ends the session of ${name}. The player may enter again at once.`,
      reasonIsShown: true,
      run: ({ reason }) => done(act('kick', { reason })),
    },
    {
      label: 'Mute',
      color: 'red',
      effect: `Keeps the account of ${name} from talking.`,
      asksTime: 'sanction',
      reasonIsShown: true,
      async run(written) {
        await sanction('mute', written)
        return lifted('mute')
      },
    },
    {
      label: 'Ban',
      color: 'red',
      effect: `Keeps the account of ${name} out of the world, with all its characters. Its sessions end.`,
      asksTime: 'sanction',
      reasonIsShown: true,
      async run(written) {
        await sanction('ban', written)
        return lifted('ban')
      },
    },
  ]
}

/** What lifts a ban or a mute that is in force. */
export function liftSanction(player: string, kind: 'ban' | 'mute'): Action {
  return {
    label: `Lift the ${kind}`,
    effect: kind === 'ban' ? 'The account may enter again.' : 'The account may talk again.',
    run: ({ reason }) => done(post(`/v1/moderation/un${kind}`, { player: `character:${player}`, reason })),
  }
}

export function announcement(map: string | null): Action {
  return {
    label: 'Announce',
    effect: map === null ? 'Sends a text to all players in the world.' : `Sends a text to all players on ${map}.`,
    asksText: true,
    run: ({ text }) => done(post('/v1/moderation/announce', { text, ...(map === null ? {} : { map }) })),
  }
}
