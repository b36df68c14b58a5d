/** Every error that leaves a process. Codes are permanent; `docs/reference/errors.md` lists the same rows (a test holds them together). */
export interface ErrorRow {
  /** What happened and what to do, for the person who reads it. `{name}` is filled from the details. */
  message: string
  /** HTTP status. */
  status: number
  /** WebSocket close code, 4100–4199 (below 4100 belongs to Colyseus). None of them makes the Colyseus SDK reconnect by itself. */
  close: number
  retryable: boolean
}

export const catalogue = {
  BAD_REQUEST: { message: 'The request is not valid: {problem}', status: 400, close: 4100, retryable: false },
  BODY_TOO_LARGE: { message: 'The request body is larger than {limit} bytes; send less.', status: 413, close: 4101, retryable: false },
  NOT_FOUND: { message: 'There is nothing at {path}. The routes are listed at /openapi.json.', status: 404, close: 4102, retryable: false },
  SESSION_MISSING: {
    message: 'Send a session token: "Authorization: Bearer …" (POST /v1/login gives one in development).',
    status: 401,
    close: 4103,
    retryable: false,
  },
  SESSION_INVALID: { message: 'The session token is not valid ({problem}); log in again.', status: 401, close: 4104, retryable: false },
  LOGIN_DISABLED: { message: 'The development login is off; use the identity provider of the studio.', status: 403, close: 4105, retryable: false },
  OPERATOR_TOKEN: {
    message: 'Only operators may do that: send "Authorization: Bearer …" with the operator\'s token.',
    status: 401,
    close: 4106,
    retryable: false,
  },
  TICKET_INVALID: { message: 'The ticket is not valid ({problem}); enter again to get a new one.', status: 401, close: 4110, retryable: false },
  TICKET_EXPIRED: { message: 'The ticket has expired; enter again to get a new one.', status: 401, close: 4111, retryable: true },
  TICKET_USED: { message: 'The ticket was used before; enter again to get a new one.', status: 409, close: 4112, retryable: true },
  TICKET_WRONG_COPY: { message: 'The ticket is for another copy; connect to the address it came with.', status: 409, close: 4113, retryable: false },
  SEAT_EXPIRED: { message: 'The seat was not taken in time and is free again; enter again.', status: 409, close: 4114, retryable: true },
  MAP_UNKNOWN: { message: 'There is no map named "{map}".', status: 404, close: 4115, retryable: false },
  COPY_UNKNOWN: { message: 'There is no copy "{copy}" (any more); enter the map again.', status: 404, close: 4116, retryable: true },
  COPY_FULL: { message: 'The copy is full; you have a place in line.', status: 409, close: 4117, retryable: true },
  COPY_CHOICE_FORBIDDEN: { message: 'The policy of this map does not let players choose a copy.', status: 403, close: 4118, retryable: false },
  CHARACTER_UNKNOWN: { message: 'There is no character "{character}".', status: 404, close: 4119, retryable: false },
  FRIEND_OFFLINE: { message: 'They are not in the world right now.', status: 409, close: 4120, retryable: true },
  PARTY_UNKNOWN: { message: 'There is no such party (any more).', status: 404, close: 4121, retryable: false },
  PARTY_FULL: { message: 'The party has {limit} members already.', status: 409, close: 4122, retryable: false },
  NOT_IN_WORLD: { message: 'The character is not in the world; enter first.', status: 409, close: 4123, retryable: false },
  MOVE_IN_PROGRESS: { message: 'A move is under way; wait until it ends.', status: 409, close: 4124, retryable: true },
  NOT_COMPANY: { message: 'Only friends, party members and guild-mates can be joined.', status: 403, close: 4125, retryable: false },
  PARTY_ELSEWHERE: {
    message: 'Your party is in another copy of this map; enter the map to join it, or leave the party first.',
    status: 409,
    close: 4126,
    retryable: false,
  },
  HOP_COOLDOWN: { message: 'You changed copies a moment ago; wait {seconds} s before you choose another.', status: 429, close: 4127, retryable: true },
  INSTANCE_LIMIT: {
    message: 'Your party, or somebody in it, has had {limit} instances of this map opened within the hour; the next one in {seconds} s.',
    status: 429,
    close: 4128,
    retryable: true,
  },
  REGION_UNAVAILABLE: {
    message: 'No copy of this map runs in the region asked for, or near enough; ask without a region.',
    status: 409,
    close: 4129,
    retryable: true,
  },
  LINE_FULL: { message: 'The line for this map is full ({max} waiting); try again later or choose another map.', status: 503, close: 4130, retryable: true },
  LINE_UNKNOWN: { message: 'The place in line is gone (not renewed within the grace time); enter again.', status: 410, close: 4131, retryable: true },
  NO_SERVER: { message: 'No server is ready for this map yet; try again in a moment.', status: 503, close: 4132, retryable: true },
  STATE_TOO_NEW: {
    message: 'A newer release of the game saved this character (state version {version}), and no copy of this map runs it; try again in a moment.',
    status: 503,
    close: 4133,
    retryable: true,
  },
  LIVE_ELSEWHERE: { message: 'The character went live elsewhere.', status: 409, close: 4140, retryable: false },
  EPOCH_STALE: { message: 'An older holder tried to write the character; nothing was changed.', status: 409, close: 4141, retryable: false },
  SERVER_DRAINING: { message: 'The server is shutting down; enter again.', status: 503, close: 4142, retryable: true },
  IDLE_RELEASED: {
    message: 'You did nothing for a long time while others waited in line, and one of them has your seat now; enter again.',
    status: 409,
    close: 4143,
    retryable: false,
  },
  TOO_MANY_REQUESTS: { message: 'Too many requests; wait {seconds} s.', status: 429, close: 4150, retryable: true },
  MESSAGE_INVALID: { message: 'The message "{type}" is not valid: {problem}', status: 400, close: 4151, retryable: false },
  PROTOCOL_UNSUPPORTED: { message: 'No server speaks protocol version {version}; update the client.', status: 426, close: 4152, retryable: false },
  REQUEST_KEY_REUSED: {
    message: 'The key "{key}" was used for another request; use a new key for each request, and the same only to repeat it.',
    status: 409,
    close: 4170,
    retryable: false,
  },
  NOT_ENOUGH_MONEY: { message: '{needed} coins are needed, {have} are there.', status: 409, close: 4171, retryable: false },
  ITEM_NOT_HELD: { message: 'The item "{item}" is not there (any more).', status: 409, close: 4172, retryable: false },
  BAG_FULL: { message: 'No room for that: {limit} items at most.', status: 409, close: 4173, retryable: false },
  TRADE_UNKNOWN: { message: 'There is no trade "{trade}" of yours.', status: 404, close: 4174, retryable: false },
  TRADE_CLOSED: { message: 'The trade is {state}.', status: 409, close: 4175, retryable: false },
  TRADE_CHANGED: { message: 'The offer changed (version {version} now); look at it and confirm again.', status: 409, close: 4176, retryable: false },
  TRADE_BUSY: { message: 'One of you is trading already; end that trade first.', status: 409, close: 4177, retryable: true },
  MAIL_UNKNOWN: { message: 'There is no letter "{mail}" for you.', status: 404, close: 4178, retryable: false },
  MAILBOX_FULL: { message: 'Their mailbox is full ({limit} letters).', status: 409, close: 4179, retryable: true },
  AUCTION_UNKNOWN: { message: 'There is no auction "{auction}".', status: 404, close: 4180, retryable: false },
  AUCTION_OVER: { message: 'The auction is over.', status: 409, close: 4181, retryable: false },
  ECONOMY_REFUSED: { message: 'That is not possible: {problem}', status: 409, close: 4182, retryable: false },
  BID_TOO_LOW: { message: 'Bid at least {minimum}.', status: 409, close: 4183, retryable: false },
  GUILD_UNKNOWN: { message: 'You are in no guild; found one or accept an invitation.', status: 404, close: 4184, retryable: false },
  GUILD_REFUSED: { message: 'That is not possible: {problem}', status: 403, close: 4185, retryable: false },
  TRANSACTION_UNKNOWN: { message: 'There is no transaction "{transaction}".', status: 404, close: 4186, retryable: false },
  ROLLBACK_BLOCKED: { message: 'It cannot be undone as it is: {problem}. What followed: {followed}', status: 409, close: 4187, retryable: true },
  DEPENDENCY_DOWN: { message: '{what} does not answer; try again in a moment.', status: 503, close: 4160, retryable: true },
  COPY_TRANSITION: { message: 'Copy {copy} cannot go from {from} to {to}.', status: 500, close: 4161, retryable: false },
  POLICY_INVALID: { message: '{file}:{line}:{column} {path}: {problem}', status: 422, close: 4162, retryable: false },
  PORT_IN_USE: { message: 'Port {port} is in use; stop what listens there or start with {option}.', status: 500, close: 4163, retryable: false },
  REDIS_MISSING: { message: 'No Redis: set REDIS_URL, or install redis-server (apt-get install redis-server).', status: 500, close: 4164, retryable: false },
  SERVICE_NOT_STARTED: { message: '{what} did not start: {problem}', status: 500, close: 4165, retryable: false },
  ALREADY_RUNNING: { message: '{what} in {folder} belongs to process {pid}, which still runs; stop it first.', status: 500, close: 4166, retryable: false },
  SERVICE_UNREACHABLE: { message: 'Cannot ask {what} at {url}: {problem} ({hint}).', status: 503, close: 4190, retryable: true },
  SETTING_INVALID: { message: 'The setting {setting} is not valid: {problem}.', status: 500, close: 4191, retryable: false },
  FILE_UNREADABLE: { message: 'Cannot read {file}: {problem}.', status: 500, close: 4192, retryable: false },
  TARGET_UNKNOWN: { message: 'There is no server and no copy named "{name}"{hint}', status: 404, close: 4193, retryable: false },
  INTERNAL: { message: 'Something broke on our side ({problem}); the log has more.', status: 500, close: 4199, retryable: true },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof catalogue
export type ErrorDetails = Record<string, string | number>

/** The only error class that leaves a process; its `message` is already complete. */
export class StrataError extends Error {
  override readonly name = 'StrataError'
  readonly code: ErrorCode
  readonly details: ErrorDetails
  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(catalogue[code].message, details), options)
    this.code = code
    this.details = details
  }
  get row(): ErrorRow {
    return catalogue[this.code]
  }
  /** What a client sees over HTTP and in a WebSocket close reason. */
  toJSON(): { error: { code: ErrorCode; message: string; retryable: boolean; details: ErrorDetails } } {
    return { error: { code: this.code, message: this.message, retryable: this.row.retryable, details: this.details } }
  }
}

function fill(message: string, details: ErrorDetails): string {
  return message.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? name))
}
