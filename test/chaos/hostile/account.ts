import type { EnterResponse, SeatAnswer } from '../../../model/wire/matchmaker.ts'
import type { Caller, Reply } from './caller.ts'

/** An account of a hostile client. It signs in as any player does, and then sends what it wants. */
export class HostileAccount {
  readonly name: string
  readonly caller: Caller
  readonly matchmaker: string
  #session = ''
  character = ''

  constructor(name: string, matchmaker: string, caller: Caller) {
    this.name = name
    this.matchmaker = matchmaker
    this.caller = caller
  }

  get session(): string {
    return this.#session
  }

  /** `false`: the matchmaker does not answer at the moment. */
  async signIn(): Promise<boolean> {
    if (this.character !== '') return true
    const { status, body } = await this.caller.ask('POST', `${this.matchmaker}/v1/login`, {}, { account: this.name })
    if (status !== 200) return false
    this.#session = (JSON.parse(body) as { session: string }).session
    await this.ask('POST', '/v1/characters', { name: this.name })
    const listed = await this.ask('GET', '/v1/characters')
    if (listed.status !== 200) return false
    this.character = (JSON.parse(listed.body) as { characters: { character: string }[] }).characters[0]?.character ?? ''
    return this.character !== ''
  }

  ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const own = this.character === '' ? {} : { 'strata-character': this.character }
    return this.caller.ask(method, this.matchmaker + path, { authorization: `Bearer ${this.#session}`, ...own, ...headers }, body)
  }

  /** A held seat, if there is one at once. */
  async seat(map: string): Promise<SeatAnswer | undefined> {
    const { status, body } = await this.ask('POST', '/v1/enter', { map })
    if (status !== 200) return undefined
    const answer = JSON.parse(body) as EnterResponse // the schema of the route
    return 'seat' in answer ? answer.seat : undefined
  }
}
