import { dirname } from 'node:path'

/** The root of this checkout, independent of the current folder. */
export const projectRoot = dirname(import.meta.dirname)
