import type { ErrorRow } from './playerErrors.ts'

/** The errors that only operators, studios and their services get: no player's client contains them. */
export const operatorErrors = {
  LOGIN_REFUSED: { message: 'The name or the password is wrong; try again.', status: 401, close: 4107, retryable: false },
  ROLE_MISSING: {
    message: 'The identity provider gave {name} no role of the console; ask its administrator for one of: {roles}.',
    status: 403,
    close: 4108,
    retryable: false,
  },
  CSRF_MISSING: {
    message: 'The request changes something and lacks the header "strata-csrf" of its session; reload the console.',
    status: 403,
    close: 4109,
    retryable: false,
  },
  ACCOUNT_UNKNOWN: { message: 'There is no account "{account}". Check the id.', status: 404, close: 4200, retryable: false },
  SERVICE_TOKEN: {
    message: 'This route needs a service token: send "Authorization: Bearer …" ({problem}). "strata token create" makes one.',
    status: 401,
    close: 4212,
    retryable: false,
  },
  SCOPE_MISSING: { message: 'The service token lacks the scope "{scope}". Create one that has it.', status: 403, close: 4213, retryable: false },
  TRANSACTION_UNKNOWN: { message: 'There is no transaction "{transaction}"; check the id.', status: 404, close: 4186, retryable: false },
  ROLLBACK_BLOCKED: { message: 'The transaction cannot be undone: {problem}. Later transactions: {followed}', status: 409, close: 4187, retryable: true },
  COPY_TRANSITION: {
    message: 'Copy {copy} cannot change from {from} to {to}; this is a bug in Strata, please report it.',
    status: 500,
    close: 4161,
    retryable: false,
  },
  POLICY_INVALID: { message: '{file}:{line}:{column} {path}: {problem}', status: 422, close: 4162, retryable: false },
  PORT_IN_USE: { message: 'Port {port} is in use; stop the process that listens on it, or start with {option}.', status: 500, close: 4163, retryable: false },
  SERVER_NAME_TAKEN: {
    message:
      'Another process is registered as the game server {server}, so this one may not claim characters. Delete the GameServer; its fleet makes a new one. The name is free three minutes after the other process has ended.',
    status: 500,
    close: 4168,
    retryable: false,
  },
  REDIS_MISSING: {
    message: 'Redis was not found; set REDIS_URL, or install redis-server (apt-get install redis-server).',
    status: 500,
    close: 4164,
    retryable: false,
  },
  SERVICE_NOT_STARTED: { message: '{what} did not start: {problem}', status: 500, close: 4165, retryable: false },
  ALREADY_RUNNING: {
    message: '{what} in {folder} belongs to process {pid}, which is still running; stop that process first.',
    status: 500,
    close: 4166,
    retryable: false,
  },
  SCHEMA_TOO_OLD: {
    message: 'The database lacks the migration {missing}; run "npx strata migrate" with the DATABASE_URL of its owner, then start this process again.',
    status: 500,
    close: 4167,
    retryable: false,
  },
  SERVICE_UNREACHABLE: { message: 'Cannot reach {what} at {url}: {problem} ({hint}).', status: 503, close: 4190, retryable: true },
  SETTING_INVALID: { message: 'The setting {setting} is not valid: {problem}.', status: 500, close: 4191, retryable: false },
  FILE_UNREADABLE: { message: 'Cannot read {file}: {problem}.', status: 500, close: 4192, retryable: false },
  FILE_UNWRITABLE: { message: 'Cannot write {file}: {problem}.', status: 500, close: 4194, retryable: false },
  CHARACTER_NOT_SEATED: {
    message: 'No character "{character}" is in the world; "strata get players" lists who is.',
    status: 404,
    close: 4196,
    retryable: false,
  },
  NOT_MOVED: { message: '{character} was not moved: {problem}.', status: 409, close: 4197, retryable: true },
  RESOURCE_UNKNOWN: { message: 'There is no {kind} named "{name}"{hint}', status: 404, close: 4198, retryable: false },
  TARGET_UNKNOWN: { message: 'There is no server and no copy named "{name}"{hint}', status: 404, close: 4193, retryable: false },
  HOLD_UNKNOWN: { message: 'There is no hold "{id}"; it has ended or was lifted.', status: 404, close: 4134, retryable: false },
  COPY_NOT_CLOSING: {
    message: 'The copy "{copy}" cannot be opened again: {problem}.',
    status: 409,
    close: 4135,
    retryable: false,
  },
  POLICY_CHANGED: {
    message: 'Somebody else changed or removed the policy of "{map}" meanwhile; load it again and repeat the change.',
    status: 409,
    close: 4136,
    retryable: false,
  },
  TRIAL_FAILED: { message: 'The draft was not tried: {problem}.', status: 409, close: 4137, retryable: false },
} as const satisfies Record<string, ErrorRow>
