import { dirname, extname, join } from 'node:path'

/** The folder of Strata's own files: the checkout, or `dist/` of the npm package. */
const strataRoot = dirname(import.meta.dirname)
/** Scripts are TypeScript in a checkout and JavaScript in the npm package: Node strips no types below node_modules. */
const extension = extname(import.meta.filename)

/** Whether Strata was installed from npm, into a game's project. A checkout has the demo as its game. */
export const isPackage = extension === '.js'

/** The project of the game: the current folder, or the checkout. */
export const gameFolder = isPackage ? process.cwd() : strataRoot

/** Path of one of Strata's scripts. `name` has no extension: `matchmaker/main`. */
export function ownScript(name: string): string {
  return join(strataRoot, `${name}${extension}`)
}
