import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, exportPKCS8, exportSPKI, generateKeyPair, importPKCS8, importSPKI } from 'jose'

/** Key pairs by what they sign: `ticket` proves seats and places in line, `session` is the development login's. */
export type KeyName = 'ticket' | 'session'

const algorithm = 'EdDSA'
/** While keys rotate (docs/how-to/rotate-keys.md) two public keys are accepted: with the present one the next, then the one before. */
const accepted = ['public', 'public.next', 'public.old'] as const

/** Makes the pair in `folder` unless it is there already (first start in development; in production keys come from Secrets). */
export async function ensureKeyPair(folder: string, name: KeyName): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if ((await readIfThere(join(folder, `${name}.private.pem`))) !== undefined) return
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  await writeFile(join(folder, `${name}.public.pem`), await exportSPKI(publicKey))
  await writeFile(join(folder, `${name}.private.pem`), await exportPKCS8(privateKey), { mode: 0o600 })
}

/** Extractable, so that tokens can name it (model/ticket/signature.ts). */
export async function readPrivateKey(folder: string, name: KeyName): Promise<CryptoKey> {
  return importPKCS8(await readFile(join(folder, `${name}.private.pem`), 'utf8'), algorithm, { extractable: true })
}

/** The present key first, then the next and the one before (`NAME.public.next.pem`, `NAME.public.old.pem`) where they are there. */
export async function readPublicKeys(folder: string, name: KeyName): Promise<CryptoKey[]> {
  return importPublicKeys(await readPublicTexts(folder, name))
}

/** What `readPublicKeys` makes keys of. Throws when the present one is missing. */
export async function readPublicTexts(folder: string, name: KeyName): Promise<string[]> {
  const texts = await Promise.all(accepted.map((which) => readIfThere(join(folder, `${name}.${which}.pem`))))
  if (texts[0] === undefined) throw new Error(`there is no ${name}.public.pem in ${folder}`)
  return texts.filter((text) => text !== undefined)
}

export async function importPublicKeys(texts: readonly string[]): Promise<CryptoKey[]> {
  return Promise.all(texts.map((text) => importSPKI(text, algorithm, { extractable: true })))
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
