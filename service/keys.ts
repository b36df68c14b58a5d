import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CryptoKey, exportPKCS8, exportSPKI, generateKeyPair, importPKCS8, importSPKI } from 'jose'

/** Key pairs by what they sign: `ticket` proves seats and places in line, `session` is the development login's. */
export type KeyName = 'ticket' | 'session'

const algorithm = 'EdDSA'

/** Makes the pair in `folder` unless it is there already (first start in development; in production keys come from Secrets). */
export async function ensureKeyPair(folder: string, name: KeyName): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await readFile(join(folder, `${name}.private.pem`))
    return
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  await writeFile(join(folder, `${name}.public.pem`), await exportSPKI(publicKey))
  await writeFile(join(folder, `${name}.private.pem`), await exportPKCS8(privateKey), { mode: 0o600 })
}

export async function readPrivateKey(folder: string, name: KeyName): Promise<CryptoKey> {
  return importPKCS8(await readFile(join(folder, `${name}.private.pem`), 'utf8'), algorithm)
}

/** The present key and, while keys rotate, the one before (`NAME.public.old.pem`). */
export async function readPublicKeys(folder: string, name: KeyName): Promise<CryptoKey[]> {
  const keys = [await importSPKI(await readFile(join(folder, `${name}.public.pem`), 'utf8'), algorithm, { extractable: true })]
  try {
    keys.push(await importSPKI(await readFile(join(folder, `${name}.public.old.pem`), 'utf8'), algorithm, { extractable: true }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return keys
}
