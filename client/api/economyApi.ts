import type {
  AuctionRequest,
  AuctionResponse,
  AuctionsResponse,
  BidResponse,
  BuyResponse,
  HoldingsResponse,
  LetterRequest,
  LetterResponse,
  MailResponse,
} from '../../model/wire/economy.ts'
import { MatchmakerApi } from './http.ts'

/** Money, items, letters and auctions of the character that plays. What changes something happens exactly once, also when a request is retried. */
export class EconomyApi extends MatchmakerApi {
  holdings(): Promise<HoldingsResponse> {
    return this.http.call('GET', '/v1/holdings')
  }

  async mail(): Promise<MailResponse['mail']> {
    return (await this.http.call<MailResponse>('GET', '/v1/mail')).mail
  }
  sendMail(letter: LetterRequest): Promise<LetterResponse> {
    return this.http.callOnce('POST', '/v1/mail', letter)
  }
  /** Deletes a letter whose attachments were taken. */
  async deleteMail(mail: string): Promise<void> {
    await this.http.callOnce('DELETE', `/v1/mail/${encodeURIComponent(mail)}`)
  }
  takeMail(mail: string): Promise<HoldingsResponse> {
    return this.http.callOnce('POST', `/v1/mail/${encodeURIComponent(mail)}/take`)
  }

  /** Open auctions of the whole world, ordered by their end. */
  async auctions(): Promise<AuctionsResponse['auctions']> {
    return (await this.http.call<AuctionsResponse>('GET', '/v1/auctions')).auctions
  }
  /** Puts items up for auction. */
  listAuction(offer: AuctionRequest): Promise<AuctionResponse> {
    return this.http.callOnce('POST', '/v1/auctions', offer)
  }
  bid(auction: string, amount: number): Promise<BidResponse> {
    return this.http.callOnce('POST', `/v1/auctions/${encodeURIComponent(auction)}/bid`, { amount })
  }
  /** Buys for the fixed price; the items arrive by letter. */
  buy(auction: string): Promise<BuyResponse> {
    return this.http.callOnce('POST', `/v1/auctions/${encodeURIComponent(auction)}/buy`)
  }
  /** Cancels an own auction without a bid; the items come back by letter. */
  cancelAuction(auction: string): Promise<LetterResponse> {
    return this.http.callOnce('DELETE', `/v1/auctions/${encodeURIComponent(auction)}`)
  }
}
