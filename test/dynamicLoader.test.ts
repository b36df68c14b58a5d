import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dynamicLoaderOf } from './cluster/harness/dynamicLoader.ts'

it('tells a program that needs a dynamic loader from a static one and from a script', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'strata-elf-'))
  const [fixed, script] = [join(folder, 'static'), join(folder, 'script')]
  const header = Buffer.alloc(64)
  header.writeUInt32BE(0x7f454c46, 0)
  await writeFile(fixed, header)
  await writeFile(script, '#!/bin/sh\n'.padEnd(100, '#'))
  expect(dynamicLoaderOf(process.execPath)).toContain('/ld-')
  expect(dynamicLoaderOf(fixed)).toBeUndefined()
  expect(dynamicLoaderOf(script)).toBeUndefined()
  await rm(folder, { recursive: true })
})
