import type { Instant } from '../../../model/clock.ts'
import { defined } from '../../../model/defined.ts'
import { StrataError } from '../../../model/errors.ts'
import type { CharacterId } from '../../../model/ids.ts'
import { banError } from '../../../model/people/sanction.ts'
import { holderIn, type SeatHolder, seatsAgree } from '../../../model/seat.ts'
import { control, type ProfileMessage } from '../../../model/wire/room.ts'
import type { SocialProfile } from '../../../store/store.ts'
import type { ZoneCore } from '../core.ts'
import type { ProfileReading } from '../services.ts'
import type { Body, Resident } from './resident.ts'
import type { Residents } from './residents.ts'
import { ATTEMPTS, retryWithLog } from './retryWithLog.ts'

/**
 * Applies changed profiles of the store to the characters of one room: updates bodies and seats, and ends the sessions of characters that may not be
 * in the world.
 */
export class ResidentProfiles<State, Input> {
  readonly #core: ZoneCore<State, Input>
  readonly #residents: Residents<State, Input>

  constructor(core: ZoneCore<State, Input>, residents: Residents<State, Input>) {
    this.#core = core
    this.#residents = residents
  }

  apply({ asked, profiles, seats: said }: ProfileReading, now: Instant): void {
    const changed: SeatHolder[] = []
    for (const resident of [...this.#residents]) {
      const { character } = resident
      if (!asked.has(character)) continue
      const profile = profiles.get(character)
      const refusal = refusalOf(resident, profile, now)
      if (refusal !== undefined || profile === undefined) {
        if (refusal !== undefined) void this.#residents.end(resident, refusal)
        continue
      }
      const before = resident.body.holder
      this.#describe(resident, profile, said.get(character))
      const write = asked.get(character)
      if (write === 'always' || (write === 'changed' && !seatsAgree(before, resident.body.holder))) changed.push(resident.body.holder)
    }
    if (changed.length > 0) void this.#write(changed)
  }

  #describe(resident: Resident<State, Input>, profile: SocialProfile, seat: SeatHolder | undefined): void {
    const { body } = resident
    const { settings, friends, partyMembers, blocked = [] } = profile
    resident.audience = { presence: settings.presence, friends, partyMembers, blocked }
    const [holder, known] = [holderNow(seat ?? body.holder, profile), fingerprint(profile)]
    const changed = !seatsAgree(body.holder, holder) || (resident.profile !== undefined && resident.profile !== known)
    resident.profile = known
    if (!changed) return
    this.#replace(body, holder)
    resident.connection?.send(control.profile, messageOf(profile))
  }

  #replace(body: Body<State>, holder: SeatHolder): void {
    const { grid, guard, hooks } = this.#core
    // The body keeps its identity, because games hold on to it.
    Object.assign(body, { holder })
    body.name = holder.name
    grid.table.setParty(body.id, holder.party)
    guard('profileChanged', () => hooks.profileChanged(body))
  }

  async #write(holders: readonly SeatHolder[]): Promise<void> {
    const { services, log, map, copy } = this.#core
    try {
      await retryWithLog(() => services.directory.describeSeats(map, copy, holders), { log, what: 'describing seats', attempts: ATTEMPTS })
    } catch (error) {
      log.error({ err: error, seats: holders.length }, 'could not describe seats')
    }
  }
}

/** Why this character may not be in the world any more; undefined when it may. */
function refusalOf({ character }: { character: CharacterId }, profile: SocialProfile | undefined, now: Instant): StrataError | undefined {
  if (profile === undefined) return new StrataError('CHARACTER_UNKNOWN', { character })
  const { ban, playing } = profile
  const banned = banError(ban, now)
  if (banned !== undefined) return banned
  // Another character of the account entered after this one, where an account may have one live character.
  return playing !== undefined && playing !== character ? new StrataError('LIVE_ELSEWHERE') : undefined
}

/** What a seat says of its character: languages and attributes as in the seat, where the map's policy counted them; the rest as in the profile. */
function holderNow(seat: SeatHolder, { name, party, guild }: SocialProfile): SeatHolder {
  const { name: _name, party: _party, guild: _guild, ...rest } = holderIn(seat)
  return defined({ ...rest, name, party, guild })
}

function messageOf({ name, languages, guild, party, partyMembers, attributes }: SocialProfile): ProfileMessage {
  return defined({ name, languages, guild, party, partyMembers, attributes })
}

/** A text that changes with everything that the client shows of the profile: what it gets as a message, friends, blocks and settings. */
function fingerprint(profile: SocialProfile): string {
  const { friends, blocked, settings } = profile
  return JSON.stringify([messageOf(profile), friends, blocked, settings])
}
