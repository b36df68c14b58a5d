import { pathToFileURL } from 'node:url'
import { ownScript } from '../service/installation.ts'

/** For `node --import`: the process ends when its supervisor does (see services/orphanGuard.ts). */
export const orphanGuard = pathToFileURL(ownScript('local/services/orphanGuard')).href
