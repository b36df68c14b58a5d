#!/usr/bin/env node
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { localPackages, writeProject } from './project.ts'

const help = `Makes the project of a new game on Strata.

Usage: npm create strata@latest FOLDER [-- options]

  --no-install       write the files, and do not run npm install
  --packages FOLDER  take @strata/* from packed packages in this folder (npm pack) instead of the registry
  --help             print this text
`

const fail = (problem: string): never => {
  process.stderr.write(`create-strata: ${problem}\n`)
  process.exit(2)
}

const { values, positionals } = options()
const [name, ...more] = positionals
if (values.help) {
  process.stdout.write(help)
  process.exit(0)
}
if (name === undefined || more.length > 0) fail(`name one folder: npm create strata@latest my-game`)
const folder = resolve(name ?? '')
if (!/^[a-z0-9][a-z0-9-]*$/.test(basename(folder))) fail(`"${basename(folder)}" cannot be a package's name: use lower-case letters, digits and hyphens`)
if (existsSync(folder) && (await readdir(folder)).length > 0) fail(`${folder} is not empty: name another folder`)
await mkdir(folder, { recursive: true })
await writeProject(folder, values.packages === undefined ? {} : await localPackages(resolve(values.packages)))
if (!values['no-install']) {
  process.stdout.write('Installing packages …\n')
  const { status } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status !== 0) fail(`npm install failed in ${folder}: correct what its output names, then run npm install there`)
}
process.stdout.write(`\n${basename(folder)} is ready:\n\n  cd ${name}\n${values['no-install'] ? '  npm install\n' : ''}  npm start\n`)

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { 'no-install': { type: 'boolean', default: false }, packages: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    })
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)} (--help lists the options)`)
  }
}
