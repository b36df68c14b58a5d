import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of this checkout, independent of the current folder. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))
