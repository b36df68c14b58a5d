import { resolve } from 'node:path'
import { writeGenerated } from './generated.ts'

/** `npm run generate`: writes anew what is made from the code (schemas, references); `npm run check` compares. */
await writeGenerated(resolve(import.meta.dirname, '..'))
