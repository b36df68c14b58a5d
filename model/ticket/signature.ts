import { type CryptoKey, calculateJwkThumbprint, decodeProtectedHeader, errors, exportJWK, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'

const ids = new WeakMap<CryptoKey, Promise<string | undefined>>()

/**
 * The name of a key pair, the same from either half (thumbprint, RFC 7638): what `kid` in a token's header says. Undefined
 * for a private key that may not be exported: its tokens carry no name, and every key is tried on them.
 */
export function keyId(key: CryptoKey): Promise<string | undefined> {
  let id = ids.get(key)
  if (id === undefined) {
    id = key.extractable ? exportJWK(key).then((jwk) => calculateJwkThumbprint(jwk)) : Promise.resolve(undefined)
    ids.set(key, id)
  }
  return id
}

/** The header of a token that `key` signs. */
export async function tokenHeader(key: CryptoKey): Promise<{ alg: 'EdDSA'; kid?: string }> {
  const kid = await keyId(key)
  return kid === undefined ? { alg: 'EdDSA' } : { alg: 'EdDSA', kid }
}

/**
 * Checks a token against the keys that are accepted now (several while keys rotate). Throws jose's JWTExpired when one of
 * them did sign it, else whatever the last one objected to.
 */
export async function verifyWithAnyKey(token: string, keys: readonly CryptoKey[], options: JWTVerifyOptions): Promise<JWTPayload> {
  let failure: unknown = new Error('no key is known that signed it')
  const { kid } = decodeProtectedHeader(token)
  for (const key of keys) {
    const id = await keyId(key)
    if (kid !== undefined && id !== undefined && id !== kid) continue
    try {
      return (await jwtVerify(token, key, { ...options, algorithms: ['EdDSA'] })).payload
    } catch (error) {
      failure = error
      // Deadlines are looked at after the signature: another key has nothing to add.
      if (error instanceof errors.JWTExpired) break
    }
  }
  throw failure
}
