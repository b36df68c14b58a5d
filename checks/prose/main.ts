import { resolve } from 'node:path'
import { lintProse } from './lint.ts'

/** `npm run check:prose -- [PATH …]`: lists the problems of prose in all files, or below these paths. */
const paths = process.argv.slice(2)
const chosen = (file: string): boolean => paths.length === 0 || paths.some((path) => file.startsWith(path))
const problems = await lintProse(resolve(import.meta.dirname, '../..'), chosen)
for (const problem of problems) process.stdout.write(`${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
