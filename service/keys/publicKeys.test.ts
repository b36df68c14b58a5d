import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signTicket, verifyTicket } from '../../model/ticket/ticket.ts'
import { ensureKeyPair, readPrivateKey } from './keys.ts'
import { PublicKeys } from './publicKeys.ts'

const log = pino({ level: 'silent' })
const now = 1_700_000_000_000
let folder: string
let nextFolder: string

beforeEach(async () => {
  ;[folder, nextFolder] = [await mkdtemp(join(tmpdir(), 'strata-keys-')), await mkdtemp(join(tmpdir(), 'strata-keys-'))]
  await ensureKeyPair(folder, 'ticket')
  await ensureKeyPair(nextFolder, 'ticket')
})
afterEach(async () => {
  for (const one of [folder, nextFolder]) await rm(one, { recursive: true, force: true })
})
const signed = async (by: string) => {
  const ticket = { id: 't', holder: { character: 'c', entity: 1, name: 'Ada', language: 'en' }, copy: 'forest-1', expires: now + 15_000 }
  return signTicket(ticket, await readPrivateKey(by, 'ticket'))
}
const publicFile = (which: string) => join(folder, `ticket.${which}.pem`)

describe('public keys of a folder', () => {
  it('S5: during a key rotation, every step accepts the tickets that are still in use', async () => {
    const [old, fresh] = [await signed(folder), await signed(nextFolder)]
    using keys = await PublicKeys.open({ folder, name: 'ticket', log })
    const accepts = async (token: string) =>
      verifyTicket(token, keys.keys, now).then(
        () => true,
        () => false,
      ) // prettier-ignore
    expect([await accepts(old), await accepts(fresh)]).toEqual([true, false])
    // Step 1: publish the next key before anybody signs with it.
    await rename(join(nextFolder, 'ticket.public.pem'), publicFile('public.next'))
    await keys.reload()
    expect([await accepts(old), await accepts(fresh)]).toEqual([true, true])
    // Step 2: signers switch to the next key one by one.
    await rename(publicFile('public'), publicFile('public.old'))
    await rename(publicFile('public.next'), publicFile('public'))
    await keys.reload()
    expect([await accepts(old), await accepts(fresh)]).toEqual([true, true])
    // Step 3: remove the old key when the last ticket signed with it has expired.
    await rm(publicFile('public.old'))
    await keys.reload()
    expect([await accepts(old), await accepts(fresh)]).toEqual([false, true])
  })

  it('S5: keeps the accepted keys when a key file cannot be read', async () => {
    const token = await signed(folder)
    using keys = await PublicKeys.open({ folder, name: 'ticket', log })
    await writeFile(publicFile('public'), 'not a key')
    await keys.reload()
    expect(await verifyTicket(token, keys.keys, now)).toMatchObject({ id: 't' })
    await rm(publicFile('public'))
    await keys.reload()
    expect(await verifyTicket(token, keys.keys, now)).toMatchObject({ id: 't' })
  })

  it('S5: opening a folder without the current key throws', async () => {
    await rm(publicFile('public'))
    await expect(PublicKeys.open({ folder, name: 'ticket', log })).rejects.toThrow('there is no ticket.public.pem')
  })
})
