import { writeFileSync } from 'node:fs'
import { ticketVectors } from '../../../ticket/testing/vectors.ts'
import { refusedVectors } from './refused.ts'
import { vectors } from './vectors.ts'

/** `node model/wire/entities/testing/writeVectors.ts`: writes the test vectors of the protocol after a change of the format. Tests compare them. */
const write = (name: string, content: unknown): void =>
  writeFileSync(new URL(`../../../../docs/reference/${name}.json`, import.meta.url), `${JSON.stringify(content, undefined, 2)}\n`)

write('protocol-vectors', vectors())
write('protocol-vectors-refused', refusedVectors())
write('ticket-vectors', await ticketVectors())
