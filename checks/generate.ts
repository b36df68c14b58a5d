import { resolve } from 'node:path'
import { writeGenerated } from './generated.ts'

/** `npm run generate`: rewrites the files that are made from the code (schemas, references, the diagram of houses); `npm run check` compares them. */
await writeGenerated(resolve(import.meta.dirname, '..'))
