import type { HoldingsResponse, LetterRequest, LetterResponse, MailResponse } from '../../model/wire/economy.ts'
import type { MatchmakerHttp } from './http.ts'
import { onceOnly } from './onceOnly.ts'

/** Money, items and letters of the character that plays. What changes something happens exactly once, also when a request is retried. */
export class EconomyApi {
  readonly #http: MatchmakerHttp

  constructor(http: MatchmakerHttp) {
    this.#http = http
  }

  holdings(): Promise<HoldingsResponse> {
    return this.#http.call('GET', '/v1/holdings')
  }
  async mail(): Promise<MailResponse['mail']> {
    return (await this.#http.call<MailResponse>('GET', '/v1/mail')).mail
  }
  sendMail(letter: LetterRequest): Promise<LetterResponse> {
    return this.#once('POST', '/v1/mail', letter)
  }
  /** Deletes a letter whose attachments were taken. */
  async deleteMail(mail: string): Promise<void> {
    await this.#once('DELETE', `/v1/mail/${encodeURIComponent(mail)}`)
  }
  takeMail(mail: string): Promise<HoldingsResponse> {
    return this.#once('POST', `/v1/mail/${encodeURIComponent(mail)}/take`)
  }

  #once<T>(method: string, path: string, body?: unknown): Promise<T> {
    return onceOnly((key) => this.#http.call<T>(method, path, { headers: { 'idempotency-key': key }, ...(body === undefined ? {} : { body }) }))
  }
}
