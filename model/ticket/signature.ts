import { type CryptoKey, calculateJwkThumbprint, decodeProtectedHeader, errors, exportJWK, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'

const ids = new WeakMap<CryptoKey, Promise<string | undefined>>()

/**
 * Id of a key pair, computed from either key of the pair (JWK thumbprint, RFC 7638); the `kid` in a token's header. Undefined for a private key that
 * cannot be exported: its tokens have no `kid`, and are checked against every accepted key.
 */
export function keyId(key: CryptoKey): Promise<string | undefined> {
  let id = ids.get(key)
  if (id === undefined) {
    id = key.extractable ? exportJWK(key).then((jwk) => calculateJwkThumbprint(jwk)) : Promise.resolve(undefined)
    ids.set(key, id)
  }
  return id
}

/** JOSE header of a token that `key` signs. */
export async function tokenHeader(key: CryptoKey): Promise<{ alg: 'EdDSA'; kid?: string }> {
  const kid = await keyId(key)
  return kid === undefined ? { alg: 'EdDSA' } : { alg: 'EdDSA', kid }
}

/**
 * Verifies a token with the accepted keys (more than one during a key rotation). Throws jose's JWTExpired when a key signed the token and it has
 * expired; otherwise throws the error of the last key that was tried.
 */
export async function verifyWithAnyKey(token: string, keys: readonly CryptoKey[], options: JWTVerifyOptions): Promise<JWTPayload> {
  let failure: unknown = new Error('no accepted key signed it')
  const { kid } = decodeProtectedHeader(token)
  for (const key of keys) {
    const id = await keyId(key)
    if (kid !== undefined && id !== undefined && id !== kid) continue
    try {
      return (await jwtVerify(token, key, { ...options, algorithms: ['EdDSA'] })).payload
    } catch (error) {
      failure = error
      // jose checks the expiry only after the signature is valid, so no other key can have signed this token.
      if (error instanceof errors.JWTExpired) break
    }
  }
  throw failure
}
