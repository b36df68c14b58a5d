import type { CharacterId } from '../../model/ids.ts'
import type {
  EnterRequest,
  EnterResponse,
  ExplainResponse,
  LineResponse,
  LocksResponse,
  MapsResponse,
  TravelRequest,
  TravelResponse,
} from '../../model/wire/matchmaker.ts'
import { MatchmakerApi, newTraceId } from './http.ts'

/** Longest time for one call about a place in line, in ms. The matchmaker answers after 10 s at the latest. */
const LINE_TIMEOUT_MS = 20_000

/** Seats, travel and the line. */
export class PlacementApi extends MatchmakerApi {
  enter(body: EnterRequest, signal?: AbortSignal): Promise<EnterResponse> {
    this.http.traceId = newTraceId()
    return this.http.call('POST', '/v1/enter', { body, signal })
  }
  travel(body: TravelRequest, signal?: AbortSignal): Promise<TravelResponse> {
    this.http.traceId = newTraceId()
    return this.http.call('POST', '/v1/travel', { body, signal })
  }
  get traceId(): string {
    return this.http.traceId
  }
  /** Waits for the turn, for 10 s at most, and renews the place in line. */
  line(ticket: string, signal?: AbortSignal): Promise<LineResponse> {
    return this.http.call('GET', '/v1/line', { headers: { 'x-line-ticket': ticket }, signal, timeoutMs: LINE_TIMEOUT_MS })
  }
  leaveLine(ticket: string): Promise<unknown> {
    return this.http.call('DELETE', '/v1/line', { headers: { 'x-line-ticket': ticket } })
  }
  /** Of an own character, also of one that does not play. */
  explain(character: CharacterId): Promise<ExplainResponse> {
    return this.http.call('GET', `/v1/explain/${encodeURIComponent(character)}`, { headers: { 'strata-character': character } })
  }
  locks(): Promise<LocksResponse> {
    return this.http.call('GET', '/v1/locks')
  }
  maps(): Promise<MapsResponse> {
    return this.http.call('GET', '/v1/maps')
  }
}
