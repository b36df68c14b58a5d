/**
 * What a player's client knows of the errors that it may get; the servers send the texts. `playerErrors.ts` has the other columns. Each number is the WebSocket close
 * code, 4100–4299 (Colyseus uses the codes below 4100). These errors may be over when the same call is repeated.
 */
export const retryableErrors = {
  TICKET_EXPIRED: 4111,
  TICKET_USED: 4112,
  SEAT_EXPIRED: 4114,
  CLAIM_REFUSED: 4125,
  COPY_UNKNOWN: 4116,
  COPY_FULL: 4117,
  FRIEND_OFFLINE: 4120,
  MOVE_IN_PROGRESS: 4124,
  HOP_COOLDOWN: 4127,
  INSTANCE_LIMIT: 4128,
  REGION_UNAVAILABLE: 4129,
  LINE_FULL: 4130,
  LINE_UNKNOWN: 4131,
  NO_SERVER: 4132,
  STATE_TOO_NEW: 4133,
  SERVER_DRAINING: 4142,
  JOIN_UNCONFIRMED: 4144,
  CLIENT_TOO_SLOW: 4145,
  RESCUED: 4146,
  CHARACTER_BUSY: 4147,
  TOO_MANY_REQUESTS: 4150,
  OVERLOADED: 4195,
  CHARACTER_IN_WORLD: 4218,
  TRADE_BUSY: 4177,
  MAILBOX_FULL: 4179,
  CHAT_LISTENER_ABSENT: 4254,
  DEPENDENCY_DOWN: 4160,
  INTERNAL: 4199,
} as const

const terminalErrors = {
  BAD_REQUEST: 4100,
  BODY_TOO_LARGE: 4101,
  NOT_FOUND: 4102,
  OPERATOR_TOKEN: 4106,
  SESSION_MISSING: 4103,
  SESSION_INVALID: 4104,
  LOGIN_DISABLED: 4105,
  TICKET_INVALID: 4110,
  TICKET_WRONG_COPY: 4113,
  MAP_UNKNOWN: 4115,
  COPY_CHOICE_FORBIDDEN: 4118,
  CHARACTER_UNKNOWN: 4119,
  PARTY_UNKNOWN: 4121,
  PARTY_FULL: 4122,
  NOT_IN_WORLD: 4123,
  PARTY_ELSEWHERE: 4126,
  LIVE_ELSEWHERE: 4140,
  EPOCH_STALE: 4141,
  IDLE_RELEASED: 4143,
  MESSAGE_INVALID: 4151,
  PROTOCOL_UNSUPPORTED: 4152,
  ACCOUNT_BANNED: 4201,
  KICKED: 4202,
  UNFAIR_PLAY: 4220,
  CHARACTER_UNSPECIFIED: 4203,
  NO_CHARACTER: 4217,
  CHARACTER_LIMIT: 4204,
  CHARACTERS_BY_STUDIO: 4205,
  NAME_REFUSED: 4206,
  NAME_TAKEN: 4207,
  REQUEST_UNKNOWN: 4208,
  SOCIAL_LIMIT: 4209,
  NOT_LEADER: 4210,
  INVITATION_UNKNOWN: 4211,
  PARTY_TOO_LARGE: 4219,
  MUTED: 4214,
  CHANNEL_UNKNOWN: 4215,
  CHAT_REFUSED: 4216,
  REQUEST_KEY_REUSED: 4170,
  NOT_ENOUGH_MONEY: 4171,
  ITEM_NOT_HELD: 4172,
  BAG_FULL: 4173,
  TRADE_UNKNOWN: 4174,
  TRADE_CLOSED: 4175,
  TRADE_CHANGED: 4176,
  MAIL_UNKNOWN: 4178,
  AUCTION_UNKNOWN: 4180,
  AUCTION_OVER: 4181,
  ECONOMY_REFUSED: 4182,
  BID_TOO_LOW: 4183,
  GUILD_UNKNOWN: 4184,
  GUILD_REFUSED: 4185,
  CHAT_CHANNEL_LIMIT: 4255,
} as const

export const closeCodes = { ...retryableErrors, ...terminalErrors }

export type PlayerErrorCode = keyof typeof closeCodes
export type ErrorDetails = Record<string, string | number>

/** Texts of errors that the client finds by itself, and of those with which a room closes all connections at once, without a message before. */
export const clientTexts = {
  NO_CHARACTER: 'The account has no character yet. Make one with POST /v1/characters.',
  CHARACTER_UNSPECIFIED: 'The account has {count} characters. Name the one that plays: "character" in the body of /v1/enter, or the header "strata-character".',
  COPY_UNKNOWN: 'There is no copy "{copy}"; it may have closed. Enter the map again.',
  SERVER_DRAINING: 'The server is shutting down; enter again.',
} as const

/** The message with its details. For a detail that is missing, its name stands there. */
export function fill(message: string, details: ErrorDetails): string {
  return message.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? name))
}
