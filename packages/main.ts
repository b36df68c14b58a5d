import { relative } from 'node:path'
import { buildPackage, root } from './build.ts'
import { packages } from './packages.ts'

/** `npm run build:packages`: builds all packages below `.strata/packages/`, ready for `npm pack` and `npm publish`. */
for (const source of packages) process.stdout.write(`${source.name.padEnd(20)} ${relative(root, await buildPackage(source))}\n`)
