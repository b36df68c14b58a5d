import type { FastifyRequest } from 'fastify'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId } from '../../model/ids.ts'
import type { LineEntry } from '../../model/line.ts'
import { type ExplainResponse, explainResponse, type MapsResponse, mapsResponse } from '../../model/wire/matchmaker.ts'
import { countInside } from '../../score/company.ts'
import { guarded } from '../../service/callers/guarded.ts'
import type { HttpApp } from '../../service/http.ts'
import type { Social } from '../../store/social/social.ts'
import type { SocialProfile } from '../../store/store.ts'
import { accountGuard, characterGuard, characterNamedIn, type GuardOptions, identityIn, sessionIn } from '../access/guard.ts'
import { serviceGuard } from '../access/serviceTokens.ts'
import { mapOf, type Parts } from '../parts.ts'
import { routesFor } from './route.ts'

/** Decisions in one answer. `decisionsOn` in the store returns older ones. */
const DECISIONS = 20

export function explainRoutes(app: HttpApp, { parts, social, guard }: { parts: Parts; social: Pick<Social, 'friends'>; guard: GuardOptions }): void {
  app.get(
    '/v1/explain/:character',
    routesFor(explainGuard(guard), 'operator', 'session')(
      'Why a character is where it is: its last decisions with their candidates and every term of the scores. A player sees only the copies where the character was placed.',
      explainResponse,
      { params: z.object({ character: z.string().min(1).max(64) }) },
    ),
    async (request) => {
      const answer = await explain(parts, request.params.character)
      return asPlayer.has(request) ? forPlayer(answer, await parts.store.profile(answer.character)) : answer
    },
  )

  app.get(
    '/v1/explain',
    routesFor(serviceGuard(guard, 'operator'), 'operator')(
      'The same for the character of a ticket: of a seat or of a place in line, expired or not.',
      explainResponse,
      { headers: z.object({ 'x-ticket': z.string().min(1).max(12_000) }) },
    ),
    (request) => explain(parts, characterOf(request.headers['x-ticket'])),
  )

  app.get('/v1/maps', routesFor(accountGuard(guard), 'session')('Maps and their open copies.', mapsResponse), async (request) =>
    maps(parts, await friendsOf(request)),
  )

  /** Friends who let the character that plays see where they are; none for an account that has not chosen a character. */
  async function friendsOf(request: FastifyRequest): Promise<ReadonlySet<CharacterId>> {
    const chosen = guard.ownership.characterOf(identityIn(request).account, characterNamedIn(request))
    const character = await chosen.catch((error: unknown) => {
      if (error instanceof StrataError && (error.code === 'NO_CHARACTER' || error.code === 'CHARACTER_UNSPECIFIED')) return undefined
      throw error
    })
    if (character === undefined) return new Set()
    return new Set((await social.friends(character)).filter(({ settings }) => settings.presence !== 'nobody').map((friend) => friend.character))
  }
}

/** Requests of players for the explanation of their own character. */
const asPlayer = new WeakSet<FastifyRequest>()

/**
 * Whereabouts are private: operators see all characters, players only their own. A request of a player names the character
 * that plays in a header; with an expired session it gets SESSION_INVALID, so that the SDK renews the session.
 */
function explainGuard(guard: GuardOptions): (request: FastifyRequest) => Promise<void> {
  const [session, operator] = [characterGuard(guard), serviceGuard(guard, 'operator')]
  return guarded('own character or operator', async (request) => {
    const refusal: unknown = await session(request).then(
      () => undefined,
      (error: unknown) => error ?? new StrataError('SESSION_INVALID'),
    )
    if (refusal === undefined && namedIn(request.params) === sessionIn(request).character) return void asPlayer.add(request)
    const expired = refusal instanceof StrataError && refusal.code === 'SESSION_INVALID' && request.headers['strata-character'] !== undefined
    await operator(request).catch((error: unknown) => {
      throw expired ? refusal : error
    })
  })
}

/** The character in the path, if the route has one. */
function namedIn(params: unknown): unknown {
  return typeof params === 'object' && params !== null && 'character' in params ? params.character : undefined
}

/** The character that a ticket names. The signature is not checked, because the guard decides what the asker may see. */
function characterOf(ticket: string): string {
  try {
    const { sub, entry } = decodeJwt<{ entry?: Pick<LineEntry, 'holders'> }>(ticket)
    const character = sub ?? entry?.holders[0]?.character
    if (character !== undefined) return character
  } catch {
    // Not a token: the same error as for a token without a character.
  }
  throw new StrataError('BAD_REQUEST', { problem: 'x-ticket: send the ticket of a seat or of a place in line' })
}

async function explain(parts: Parts, idOrName: string): Promise<ExplainResponse> {
  const profile = await parts.store.findCharacter(idOrName)
  if (profile === undefined) throw new StrataError('CHARACTER_UNKNOWN', { character: idOrName })
  const { character, name, party, guild, language } = profile
  const [live, decisions, guildName] = await Promise.all([
    parts.directory.presence([character]),
    parts.store.decisionsFor(character, DECISIONS),
    guild === undefined ? undefined : parts.store.guildName(guild),
  ])
  const census = parts.world.census()
  const present = live.get(character)
  const at = present ?? census.whereabouts.get(character)
  const inside = at === undefined ? undefined : mapOf(census, at.map).copies.get(at.copy)
  const seat = inside?.seats.get(character)
  const whereabouts =
    at &&
    defined({ map: at.map, copy: at.copy, live: present !== undefined, server: present?.server, seat: seat?.state, instanceKey: inside?.copy.instanceKey })
  return defined({ character, name, language, party, guild, guildName, whereabouts, decisions })
}

/**
 * What a player may know of its own decisions: the candidate where it was placed, because it sees who is in that copy. Other candidates say by their terms, limits and
 * order in which copies guild-mates and acquaintances are, and these may let only their friends see that.
 */
function forPlayer(answer: ExplainResponse, profile: Pick<SocialProfile, 'partyMembers'> | undefined): ExplainResponse {
  const known = new Set([answer.character, ...(profile?.partyMembers ?? [])])
  const decisions = answer.decisions.map((decision) => ({
    ...decision,
    characters: decision.characters.filter((character) => known.has(character)),
    candidates: decision.candidates.filter(({ copy, filtered }) => copy === decision.copy && filtered === undefined),
  }))
  return { ...answer, decisions }
}

function maps(parts: Parts, friends: ReadonlySet<string>): MapsResponse {
  const census = parts.world.census()
  return {
    maps: [...parts.policies().values()].map(({ map, kind, placement, capacity }) => {
      const { copies, waiting } = mapOf(census, map)
      // Instances are private to their parties and are not listed.
      const open = kind === 'instance' ? [] : [...copies.values()].filter(({ copy }) => copy.state === 'open')
      return {
        map,
        kind,
        chooseCopy: placement.chooseCopy,
        players: open.reduce((sum, { seats }) => sum + seats.size, 0),
        waiting,
        copies: open.map((copy) => ({ copy: copy.copy.id, players: copy.seats.size, soft: capacity.soft, friends: countInside(friends, copy) })),
      }
    }),
  }
}
