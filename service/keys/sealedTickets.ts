import { createCipheriv, createDecipheriv, createPublicKey, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { StrataError } from '../../model/errors.ts'
import type { CharacterId, MoveId } from '../../model/ids.ts'
import type { MoveMember, MoveOrder } from '../../model/move.ts'

/**
 * The tickets of a move are sealed for the server that holds the character, because every game server can read all mailboxes. A seal is ECIES: X25519 with a
 * new key pair, HKDF-SHA-256, AES-256-GCM. It is bound to the move and to the character.
 *
 *     sealed.EPHEMERAL_PUBLIC_KEY.CIPHERTEXT_AND_TAG     (base64url)
 */
const PREFIX = 'sealed.'
const CURVE = 'x25519'
const KEY_BYTES = 32
const TAG_BYTES = 16
/** Constant, because each key encrypts one ticket only. */
const NONCE = Buffer.alloc(12)

export interface SealKeys {
  privateKey: KeyObject
  /** 32 bytes in base64url. */
  publicKey: string
}

export function createSealKeys(): SealKeys {
  const { privateKey, publicKey } = generateKeyPairSync(CURVE)
  return { privateKey, publicKey: rawPublicKey(publicKey) }
}

/**
 * Seals the ticket of each member for the server that holds it. `holderKeys` is asked who that is: the directory may not decide it, because game servers write
 * presences and copies there. A member whom no registered game server holds keeps its plain ticket. Throws NOT_IN_WORLD for a member whose server is gone.
 */
export async function sealOrder(
  order: MoveOrder,
  holderKeys: (characters: readonly CharacterId[]) => Promise<ReadonlyMap<CharacterId, string | null>>,
): Promise<MoveOrder> {
  const keys = await holderKeys(order.members.map(({ character }) => character))
  const members = order.members.map(({ character, ticket }): MoveMember => {
    const key = keys.get(character)
    if (key === undefined) throw new StrataError('NOT_IN_WORLD')
    return { character, ticket: key === null ? ticket : seal(ticket, boundTo(order.id, character), key) }
  })
  return { ...order, members }
}

/** The ticket of a member of a move. Undefined: it is sealed for another server. */
export function openTicket(move: MoveId, { character, ticket }: MoveMember, keys: SealKeys | undefined): string | undefined {
  if (!ticket.startsWith(PREFIX)) return ticket
  if (keys === undefined) return undefined
  try {
    const [ephemeral = '', sealed = ''] = ticket.slice(PREFIX.length).split('.')
    const bytes = Buffer.from(sealed, 'base64url')
    const key = sharedKey(keys.privateKey, ephemeral, { ephemeral, receiver: keys.publicKey })
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE, { authTagLength: TAG_BYTES }).setAAD(boundTo(move, character))
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString()
  } catch {
    return undefined
  }
}

function seal(ticket: string, associated: Buffer, receiver: string): string {
  const own = generateKeyPairSync(CURVE)
  const ephemeral = rawPublicKey(own.publicKey)
  const key = sharedKey(own.privateKey, receiver, { ephemeral, receiver })
  const cipher = createCipheriv('aes-256-gcm', key, NONCE, { authTagLength: TAG_BYTES }).setAAD(associated)
  const sealed = Buffer.concat([cipher.update(ticket), cipher.final(), cipher.getAuthTag()])
  return `${PREFIX}${ephemeral}.${sealed.toString('base64url')}`
}

function sharedKey(privateKey: KeyObject, theirs: string, { ephemeral, receiver }: { ephemeral: string; receiver: string }): Buffer {
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: theirs }, format: 'jwk' })
  const secret = diffieHellman({ privateKey, publicKey })
  const salt = Buffer.concat([Buffer.from(ephemeral, 'base64url'), Buffer.from(receiver, 'base64url')])
  return Buffer.from(hkdfSync('sha256', secret, salt, 'strata ticket of a move', KEY_BYTES))
}

function rawPublicKey(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? ''
}

function boundTo(move: MoveId, character: CharacterId): Buffer {
  return Buffer.from(JSON.stringify([move, character]))
}
