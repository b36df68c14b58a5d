import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../test/openssl.ts'
import { Certificate, type Credentials } from './certificate.ts'

const log = pino({ level: 'silent' })
const files = ['tls.crt', 'tls.key']
let [folder, renewal] = ['', '']

beforeEach(() => {
  folder = selfSigned()
  renewal = selfSigned()
})
afterEach(async () => {
  for (const one of [folder, renewal]) await rm(one, { recursive: true, force: true })
})

describe('certificate', () => {
  it('calls the listener once when its files change', async () => {
    using certificate = await Certificate.open(folder, log)
    const renewed: Credentials[] = []
    certificate.onRenewal((credentials) => renewed.push(credentials))
    await certificate.reload()
    for (const file of files) await copyFile(join(renewal, file), join(folder, file))
    await certificate.reload()
    await certificate.reload()
    expect(renewed).toEqual([{ cert: await readFile(join(renewal, 'tls.crt'), 'utf8'), key: await readFile(join(renewal, 'tls.key'), 'utf8') }])
  })

  it('X1: keeps the old certificate when a new one cannot be used, and tries again', async () => {
    using certificate = await Certificate.open(folder, log)
    const good = certificate.credentials
    await writeFile(join(folder, 'tls.crt'), 'not a certificate')
    certificate.onRenewal(() => {
      throw new Error('PEM routines: no start line')
    })
    await certificate.reload()
    expect(certificate.credentials).toEqual(good)
    const renewed: Credentials[] = []
    certificate.onRenewal((credentials) => renewed.push(credentials))
    await certificate.reload()
    expect(renewed).toHaveLength(1)
  })
})
