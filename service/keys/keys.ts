import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, exportPKCS8, exportSPKI, generateKeyPair, importPKCS8, importSPKI } from 'jose'

/**
 * Key pairs, named by what they sign: `ticket` for tickets of seats and places in line, `session` for sessions of the development login, `service` for
 * tokens of the studio's programs.
 */
export type KeyName = 'ticket' | 'session' | 'service'

const algorithm = 'EdDSA'
/** Files of the accepted public keys. During a rotation (docs/how-to/rotate-keys.md) the next or the previous key is accepted besides the current one. */
const publicKeyFiles = ['public', 'public.next', 'public.old'] as const

/** Creates the key pair in `folder` unless it exists: for the first start in development. In production the keys come from Secrets. */
export async function ensureKeyPair(folder: string, name: KeyName): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readIfPresent(join(folder, `${name}.private.pem`))) !== undefined) return
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  await writeFile(join(folder, `${name}.public.pem`), await exportSPKI(publicKey))
  await writeFile(join(folder, `${name}.private.pem`), await exportPKCS8(privateKey), { mode: 0o600 })
}

/** The key is extractable, so that its id can be computed for the `kid` of tokens (model/ticket/signature.ts). */
export async function readPrivateKey(folder: string, name: KeyName): Promise<CryptoKey> {
  return importPKCS8(await readFile(join(folder, `${name}.private.pem`), 'utf8'), algorithm, { extractable: true })
}

/** The current public key, followed by the next (`NAME.public.next.pem`) and the previous one (`NAME.public.old.pem`) if they exist. */
export async function readPublicKeys(folder: string, name: KeyName): Promise<CryptoKey[]> {
  return importPublicKeys(await readPublicTexts(folder, name))
}

/** PEM texts of the keys that `readPublicKeys` returns. Throws when the current key is missing, unless it may be. */
export async function readPublicTexts(folder: string, name: KeyName, missing: 'throws' | 'allowed' = 'throws'): Promise<string[]> {
  const texts = await Promise.all(publicKeyFiles.map((which) => readIfPresent(join(folder, `${name}.${which}.pem`))))
  if (texts[0] === undefined && missing === 'throws') throw new Error(`there is no ${name}.public.pem in ${folder}`)
  return texts.filter((text) => text !== undefined)
}

export async function importPublicKeys(texts: readonly string[]): Promise<CryptoKey[]> {
  return Promise.all(texts.map((text) => importSPKI(text, algorithm, { extractable: true })))
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
