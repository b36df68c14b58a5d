import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { Command } from 'commander'
import { type PackedRelease, packedFile, packedRelease } from './packedRelease.ts'

/** `node test/upgrade/pack.ts COMMIT`: packs what runs of this commit, as the previous release for `npm run test:upgrade`. */
const root = resolve(import.meta.dirname, '../..')
/** What the processes and the bots import, and the lock file of their packages. */
const packed = 'cli client directory fleets gameserver local matchmaker model orchestrator score service simulate store package.json package-lock.json'.split(
  ' ',
)
const leftOut = ['client/demo', '**/*.test.ts', '**/testing/**', '**/fixture/**', '**/fixtures/**', '**/README.md']

const command = new Command('pack').argument('<commit>', 'commit or tag of the release, such as v0.1.0').parse()
const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: root, maxBuffer: 1 << 28 })
const commit = git('rev-parse', '--verify', `${command.args[0]}^{commit}`).toString().trim()
const excluded = leftOut.map((pattern) => `:(exclude,glob)${pattern}${pattern.includes('*') ? '' : '/**'}`)
const archive = git('archive', commit, ...packed, ...excluded)
const { version } = JSON.parse(git('show', `${commit}:package.json`).toString()) as { version: string }
const release: PackedRelease = { commit, version }
writeFileSync(packedRelease, `${JSON.stringify(release, undefined, 2)}\n`)
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: archive.length }
writeFileSync(packedFile, brotliCompressSync(archive, { params }))
process.stdout.write(`${join('test/upgrade', 'before.tar.br')}: ${readFileSync(packedFile).length} bytes, version ${version}, commit ${commit}\n`)
