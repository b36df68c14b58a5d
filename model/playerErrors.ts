import { clientTexts, closeCodes, type PlayerErrorCode, retryableErrors } from './playerErrorCodes.ts'

/** One error that may leave a process. Codes are permanent. `docs/reference/errors.md` is generated from this catalogue. */
export interface ErrorRow {
  /** What happened, why, and what to do, for the person who reads it. `{name}` is replaced by the detail of that name. */
  message: string
  /** HTTP status. */
  status: number
  /** WebSocket close code, 4100–4299 (Colyseus uses the codes below 4100). The Colyseus SDK does not reconnect by itself on any of them. */
  close: number
  retryable: boolean
}

const rows = {
  BAD_REQUEST: { message: 'The request is not valid: {problem}', status: 400 },
  BODY_TOO_LARGE: { message: 'The request body is larger than {limit} bytes; send a smaller one.', status: 413 },
  NOT_FOUND: { message: 'There is no route {path}; /openapi.json lists the routes.', status: 404 },
  OPERATOR_TOKEN: {
    message: 'Only operators may make this request, and it has no valid operator token; send the header "Authorization: Bearer TOKEN".',
    status: 401,
  },
  SESSION_MISSING: {
    message: 'The request has no session token; send the header "Authorization: Bearer TOKEN" (in development, POST /v1/login returns a token).',
    status: 401,
  },
  SESSION_INVALID: { message: 'The session token is not valid ({problem}); log in again.', status: 401 },
  LOGIN_DISABLED: { message: "The development login is disabled; log in with the studio's identity provider.", status: 403 },
  TICKET_INVALID: { message: 'The ticket is not valid ({problem}); enter again to get a new one.', status: 401 },
  TICKET_EXPIRED: { message: 'The ticket has expired; enter again to get a new one.', status: 401 },
  TICKET_USED: { message: 'The ticket was already used; enter again to get a new one.', status: 409 },
  TICKET_WRONG_COPY: {
    message: 'The ticket is for another copy; connect to the address that came with the ticket.',
    status: 409,
  },
  SEAT_EXPIRED: { message: 'The seat was not taken before its deadline and is free again; enter again.', status: 409 },
  CLAIM_REFUSED: {
    message: 'The database did not let this server claim the character {character}; enter again to get a new ticket.',
    status: 409,
  },
  MAP_UNKNOWN: { message: 'There is no map named "{map}"; GET /v1/maps lists the maps.', status: 404 },
  COPY_UNKNOWN: { message: clientTexts.COPY_UNKNOWN, status: 404 },
  COPY_FULL: {
    message: 'No copy of the map across the border has a free seat; stay on this map and try again later.',
    status: 409,
  },
  COPY_CHOICE_FORBIDDEN: {
    message: 'The policy of this map does not let players choose a copy; enter the map without a copy.',
    status: 403,
  },
  CHARACTER_UNKNOWN: { message: 'There is no character "{character}"; check the name or the id.', status: 404 },
  FRIEND_OFFLINE: {
    message: 'The character you want to join is not in the world, or does not let you join it. Try again later, or ask for friendship first.',
    status: 409,
  },
  PARTY_UNKNOWN: { message: 'The party does not exist; it may have been dissolved. Ask for a new invitation.', status: 404 },
  PARTY_FULL: {
    message: 'The party already has {limit} members, which is the maximum; a member has to leave before you can join.',
    status: 409,
  },
  NOT_IN_WORLD: { message: 'The character is not in the world; enter first.', status: 409 },
  MOVE_IN_PROGRESS: { message: 'A move is in progress; wait until it ends.', status: 409 },
  PARTY_ELSEWHERE: {
    message: 'Your party is in another copy of this map; enter the map to join it, or leave the party first.',
    status: 409,
  },
  HOP_COOLDOWN: { message: 'You changed copies a short time ago; wait {seconds} s before you choose another copy.', status: 429 },
  INSTANCE_LIMIT: {
    message: 'Your party, or a member of it, opened {limit} instances of this map within the last hour, which is the maximum; try again in {seconds} s.',
    status: 429,
  },
  REGION_UNAVAILABLE: {
    message: 'No copy of this map runs in the requested region or within the maximum latency; enter without a region.',
    status: 409,
  },
  LINE_FULL: { message: 'The line for this map is full ({max} waiting); try again later or choose another map.', status: 503 },
  LINE_UNKNOWN: {
    message: 'The place in line no longer exists, because it was not renewed within the grace time; enter again.',
    status: 410,
  },
  NO_SERVER: { message: 'No server is ready for this map yet; try again in a moment.', status: 503 },
  STATE_TOO_NEW: {
    message: 'A newer release of the game saved this character (state version {version}), and no copy of this map runs that release; try again in a moment.',
    status: 503,
  },
  LIVE_ELSEWHERE: {
    message: 'The character went live elsewhere.',
    status: 409,
  },
  EPOCH_STALE: {
    message: 'A newer epoch owns the character, so this write was refused and changed nothing; enter again.',
    status: 409,
  },
  SERVER_DRAINING: { message: clientTexts.SERVER_DRAINING, status: 503 },
  IDLE_RELEASED: {
    message: 'You were idle while others waited in line, so your seat was given to one of them; enter again.',
    status: 409,
  },
  JOIN_UNCONFIRMED: {
    message: 'The client did not confirm its join within {seconds} s, so it was disconnected; enter again.',
    status: 408,
  },
  CLIENT_TOO_SLOW: {
    message: 'The client did not read what the server sent, and too many bytes waited for it; enter again over a faster connection.',
    status: 408,
  },
  RESCUED: {
    message: 'The copy had to be emptied, and the client did not follow its move. The character is saved; enter again.',
    status: 409,
  },
  CHARACTER_BUSY: {
    message:
      'The character, or another one of the account, is busy on the map "{map}", and its body stays there for up to {seconds} s. Enter that map with it to play on at once, or try again later.',
    status: 409,
  },
  TOO_MANY_REQUESTS: { message: 'You sent too many requests; wait {seconds} s.', status: 429 },
  OVERLOADED: { message: 'The service has as many requests as it can serve; try again in {seconds} s.', status: 503 },
  MESSAGE_INVALID: {
    message: 'The message "{type}" is not valid ({problem}); correct it before sending it again.',
    status: 400,
  },
  PROTOCOL_UNSUPPORTED: { message: 'No server supports protocol version {version}; update the client.', status: 426 },
  ACCOUNT_BANNED: { message: 'This account is banned until {until}: {reason}', status: 403 },
  KICKED: { message: 'A moderator ended this session: {reason}', status: 403 },
  UNFAIR_PLAY: { message: 'The server ended this session because of unfair play ({kind}).', status: 403 },
  CHARACTER_UNSPECIFIED: {
    message: clientTexts.CHARACTER_UNSPECIFIED,
    status: 400,
  },
  NO_CHARACTER: { message: clientTexts.NO_CHARACTER, status: 409 },
  CHARACTER_IN_WORLD: { message: 'The character is in the world. Leave the world first.', status: 409 },
  CHARACTER_LIMIT: { message: 'The account has {limit} characters already, which is the limit. Delete one first.', status: 409 },
  CHARACTERS_BY_STUDIO: { message: 'Characters are made by the game itself, not over this API.', status: 403 },
  NAME_REFUSED: { message: 'The name is not allowed: {problem}. Choose another name.', status: 400 },
  NAME_TAKEN: {
    message: 'The name "{name}" belongs to another character, or looks like its name. Choose another name.',
    status: 409,
  },
  REQUEST_UNKNOWN: { message: 'There is no such friend request: it was answered or taken back.', status: 404 },
  SOCIAL_LIMIT: { message: 'The limit of {limit} is reached. Remove somebody first.', status: 409 },
  NOT_LEADER: { message: 'Only the leader of the party may do that.', status: 403 },
  INVITATION_UNKNOWN: {
    message: 'There is no such invitation: it has expired or was withdrawn. Ask for a new one.',
    status: 404,
  },
  PARTY_TOO_LARGE: {
    message: 'The map "{map}" takes parties of at most {limit}; yours has {size}. Enter with fewer members, or make a smaller party.',
    status: 409,
  },
  MUTED: { message: 'You are muted until {until}: {reason}', status: 403 },
  CHANNEL_UNKNOWN: { message: 'There is no chat channel "{channel}" that you may speak in.', status: 404 },
  CHAT_REFUSED: { message: 'The message was not sent: {problem}', status: 400 },
  REQUEST_KEY_REUSED: {
    message:
      'The idempotency key "{key}" was already used for a different request; use a new key for each request, and repeat a key only to repeat its request.',
    status: 409,
  },
  NOT_ENOUGH_MONEY: {
    message: 'The account holds {have} coins and {needed} are needed; add the missing coins first.',
    status: 409,
  },
  ITEM_NOT_HELD: {
    message: 'The item "{item}" is not in the account that has to give it; load the account again.',
    status: 409,
  },
  BAG_FULL: { message: 'The receiver can hold at most {limit} items; remove some items first.', status: 409 },
  TRADE_UNKNOWN: { message: 'You have no trade "{trade}"; start a new one.', status: 404 },
  TRADE_CLOSED: { message: 'The trade is already {state}; start a new one.', status: 409 },
  TRADE_CHANGED: {
    message: 'The offer has changed (it is now version {version}), so nothing was confirmed; check the offer and confirm again.',
    status: 409,
  },
  TRADE_BUSY: { message: 'One of the two characters is already in a trade; end that trade first.', status: 409 },
  MAIL_UNKNOWN: { message: 'You have no letter "{mail}"; load the mailbox again.', status: 404 },
  MAILBOX_FULL: {
    message: "The receiver's mailbox is full ({limit} letters); try again when letters have been deleted.",
    status: 409,
  },
  AUCTION_UNKNOWN: { message: 'There is no auction "{auction}"; load the list of auctions again.', status: 404 },
  AUCTION_OVER: { message: 'The auction has ended; choose another one.', status: 409 },
  ECONOMY_REFUSED: { message: 'The request was refused: {problem}', status: 409 },
  BID_TOO_LOW: { message: 'The bid is too low; bid at least {minimum} coins.', status: 409 },
  GUILD_UNKNOWN: { message: 'The character is in no guild; found a guild or accept an invitation first.', status: 404 },
  GUILD_REFUSED: { message: 'The guild request was refused: {problem}', status: 403 },
  CHAT_LISTENER_ABSENT: {
    message: 'No character "{character}" is in the world that you can whisper to; check the name, or try again later.',
    status: 404,
  },
  CHAT_CHANNEL_LIMIT: { message: 'The character is in {limit} channels, which is the maximum; leave one first.', status: 409 },
  DEPENDENCY_DOWN: { message: '{what} does not answer; try again in a moment.', status: 503 },
  INTERNAL: {
    message: 'An internal error occurred ({problem}); try again. The log of the process has the details.',
    status: 500,
  },
} as const satisfies Record<PlayerErrorCode, Pick<ErrorRow, 'message' | 'status'>>

/** The errors that a player's client may get. Their close codes and a few texts are in a file of their own, because the client's package contains only those. */
export const playerErrors = Object.fromEntries(
  Object.entries(rows).map(([code, row]) => [code, { ...row, close: closeCodes[code as PlayerErrorCode], retryable: code in retryableErrors }]), // the keys of `rows`
) as Record<PlayerErrorCode, ErrorRow>
