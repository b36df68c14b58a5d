import { writeFileSync } from 'node:fs'
import { vectors } from './vectors.ts'

/** `node model/wire/entities/testing/writeVectors.ts`: writes the test vectors of the protocol after a change of the format. A test compares them. */
writeFileSync(new URL('../../../../docs/reference/protocol-vectors.json', import.meta.url), `${JSON.stringify(vectors(), undefined, 2)}\n`)
