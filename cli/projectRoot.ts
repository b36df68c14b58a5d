import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout that this file is in, wherever the command was typed. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))
