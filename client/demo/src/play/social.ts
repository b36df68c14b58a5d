import type { GuildId, PartyId } from '../../../../model/ids.ts'
import type { ChangeTopic, StrataClient } from '../../../index.ts'
import type { Notices } from './notices.ts'
import type { GameState } from './state.ts'
import type { Store } from './store.ts'

const all: readonly ChangeTopic[] = ['profile', 'party', 'partyInvitations', 'friends', 'friendRequests', 'guildInvitations']

/** Party, friends and guild: lists that are read again when the server says that they changed, and what the player does with them. */
export class Social {
  readonly #client: StrataClient
  readonly #store: Store<GameState>
  readonly #notices: Notices

  constructor(client: StrataClient, store: Store<GameState>, notices: Notices) {
    this.#client = client
    this.#store = store
    this.#notices = notices
  }

  refreshAll(): Promise<void> {
    return this.refresh(all)
  }

  /** A list that cannot be read now stays as it is: the next change reads it again. */
  async refresh(topics: readonly ChangeTopic[]): Promise<void> {
    await Promise.all(topics.map((topic) => this.#read(topic).catch(() => undefined)))
  }

  invite(name: string): Promise<boolean> {
    return this.#change(
      ['party'],
      async () => {
        if (this.#store.get().party === undefined) await this.#client.party.create()
        await this.#client.party.invite(name)
      },
      `${name} is invited`,
    )
  }
  joinParty(party: PartyId): Promise<boolean> {
    return this.#change(['party', 'partyInvitations'], () => this.#client.party.accept(party))
  }
  declineParty(party: PartyId): Promise<boolean> {
    return this.#change(['partyInvitations'], () => this.#client.party.decline(party))
  }
  leaveParty(): Promise<boolean> {
    return this.#change(['party'], () => this.#client.party.leave(), 'You left the party')
  }
  kick(name: string): Promise<boolean> {
    return this.#change(['party'], () => this.#client.party.kick(name))
  }

  befriend(name: string): Promise<boolean> {
    return this.#change(['friends', 'friendRequests'], () => this.#client.friends.request(name), `${name} was asked`)
  }
  acceptFriend(name: string): Promise<boolean> {
    return this.#change(['friends', 'friendRequests'], () => this.#client.friends.accept(name), `${name} is your friend now`)
  }
  dropRequest(name: string): Promise<boolean> {
    return this.#change(['friendRequests'], () => this.#client.friends.dropRequest(name))
  }
  unfriend(name: string): Promise<boolean> {
    return this.#change(['friends'], () => this.#client.friends.remove(name))
  }

  foundGuild(name: string): Promise<boolean> {
    return this.#change(['profile'], () => this.#client.guild.found(name), `${name} is founded`)
  }
  inviteToGuild(name: string): Promise<boolean> {
    return this.#change([], () => this.#client.guild.invite(name), `${name} is invited to the guild`)
  }
  joinGuild(guild: GuildId): Promise<boolean> {
    return this.#change(['profile', 'guildInvitations'], () => this.#client.guild.join(guild))
  }
  declineGuild(guild: GuildId): Promise<boolean> {
    return this.#change(['guildInvitations'], () => this.#client.guild.decline(guild))
  }
  leaveGuild(): Promise<boolean> {
    return this.#change(['profile'], () => this.#client.guild.leave(), 'You left the guild')
  }

  async #change(topics: readonly ChangeTopic[], action: () => Promise<unknown>, done?: string): Promise<boolean> {
    const worked = await this.#notices.attempt(action, done)
    await this.refresh(topics)
    return worked
  }

  async #read(topic: ChangeTopic): Promise<void> {
    const { party, friends, guild } = this.#client
    if (topic === 'party') this.#store.set({ party: await party.current() })
    else if (topic === 'partyInvitations') this.#store.set({ invitations: await party.invitations() })
    else if (topic === 'friends') this.#store.set({ friends: await friends.list() })
    else if (topic === 'friendRequests') this.#store.set({ requests: await friends.requests() })
    else if (topic === 'guildInvitations') this.#store.set({ guildInvitations: await guild.invitations() })
    else if (topic === 'profile') {
      const { guild: id, guildName = '' } = await this.#client.explain()
      this.#store.set({ guild: id === undefined ? undefined : { id, name: guildName } })
    }
  }
}
