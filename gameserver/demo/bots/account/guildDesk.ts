import type { GuildId } from '../../../../model/ids.ts'

/** What worker processes tell each other about guilds: a bot asks for an invitation, and the founder's process answers. The pool passes it on to all. */
export type GuildMessage = { guild: string; character: string; invitedTo?: GuildId }

type Invite = (character: string) => Promise<GuildId>

/**
 * How bots agree on invitations to a guild, as players do outside the game: the members ask, the founder invites them over the API. They may play in
 * different processes.
 */
export class GuildDesk {
  readonly #send: (message: GuildMessage) => void
  readonly #failed: (error: unknown) => void
  readonly #open = new Map<string, Invite>()
  /** Characters that asked before the guild was founded. */
  readonly #asked = new Map<string, string[]>()
  readonly #waiting = new Map<string, (guild: GuildId) => void>()

  /** `send` reaches the desks of all processes, this one included. */
  constructor(send: (message: GuildMessage) => void, failed: (error: unknown) => void) {
    this.#send = send
    this.#failed = failed
  }

  /** The founder takes requests from now on. */
  open(guild: string, invite: Invite): void {
    this.#open.set(guild, invite)
    for (const character of this.#asked.get(guild) ?? []) this.#invite(guild, character, invite)
    this.#asked.delete(guild)
  }

  /** Resolves when the founder has invited the character. */
  invitation(guild: string, character: string): Promise<GuildId> {
    const invited = new Promise<GuildId>((resolve) => this.#waiting.set(character, resolve))
    this.#send({ guild, character })
    return invited
  }

  receive({ guild, character, invitedTo }: GuildMessage): void {
    if (invitedTo !== undefined) {
      this.#waiting.get(character)?.(invitedTo)
      this.#waiting.delete(character)
      return
    }
    const invite = this.#open.get(guild)
    if (invite === undefined) this.#asked.set(guild, [...(this.#asked.get(guild) ?? []), character])
    else this.#invite(guild, character, invite)
  }

  #invite(guild: string, character: string, invite: Invite): void {
    invite(character).then((invitedTo) => this.#send({ guild, character, invitedTo }), this.#failed)
  }
}
