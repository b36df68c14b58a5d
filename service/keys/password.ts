import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** Cost of scrypt, one of OWASP's for passwords (Password Storage Cheat Sheet): the one that takes 32 MiB, because an orchestrator has few hundred. */
const COST = { N: 2 ** 15, r: 8, p: 3 }
/** Node refuses more memory than this, in bytes; scrypt needs 128 · N · r, and a little besides. */
const MAX_MEMORY = 64 * 1024 * 1024
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Length of a generated password, in bytes: 96 bits cannot be guessed. */
const PASSWORD_BYTES = 12

/** A password that cannot be guessed, of letters, digits, `-` and `_`. */
export function newPassword(): string {
  return randomBytes(PASSWORD_BYTES).toString('base64url')
}

/** `scrypt$SALT$HASH`, both in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await derive(password, salt, HASH_BYTES, { ...COST, maxmem: MAX_MEMORY })
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

/** Takes as long for an account that does not exist (`stored` is undefined), so that the time does not tell which names exist. */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [kind, salt = '', hash = ''] = stored?.split('$') ?? []
  const expected = Buffer.from(hash, 'base64url')
  const actual = await derive(password, Buffer.from(salt, 'base64url'), HASH_BYTES, { ...COST, maxmem: MAX_MEMORY })
  return kind === 'scrypt' && expected.length === actual.length && timingSafeEqual(expected, actual)
}
