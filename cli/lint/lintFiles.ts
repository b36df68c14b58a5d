import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { StrataError } from '../../model/errors.ts'
import { type PolicyProblem, parsePolicies } from '../../model/policy/parse.ts'
import { checkFleets } from '../../orchestrator/cluster/fleetManifest.ts'
import { crossFileProblems, type LintedFile } from './crossFiles.ts'
import { placeOf } from './placeOf.ts'

/** What marks a server that has to be emptied (gameserver/agones/gameServer.ts). */
const DRAIN = 'strata.dev/drain'

/** Reads policies and Fleets from files and folders (their own YAML files, none of subfolders); every mistake, in order of place. */
export async function lintFiles(paths: readonly string[], folder: string): Promise<LintedFile[]> {
  const files = [...new Set((await Promise.all(paths.map((path) => yamlFiles(resolve(folder, path))))).flat())]
  const linted = await Promise.all(files.map((file) => lintFile(file, shown(file, folder))))
  for (const problem of crossFileProblems(linted)) linted.find(({ file }) => file === problem.file)?.problems.push(problem)
  for (const { problems } of linted) problems.sort((a, b) => a.line - b.line || a.column - b.column)
  return linted
}

async function lintFile(path: string, file: string): Promise<LintedFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => unreadable(file, error))
  const { policies, problems } = parsePolicies(text, file, versionOf)
  const { fleets, problems: ofFleets } = checkFleets(text, file)
  // Broken YAML is told by both.
  const both = [...problems, ...ofFleets.filter(({ path }) => path !== '')]
  const deaf = fleets.filter(({ spec }) => !(DRAIN in spec.allocationOverflow.annotations)).map(({ metadata }) => deafFleet(file, text, metadata.name))
  return { file, text, policies, fleets: fleets.map(({ metadata }) => metadata.name), problems: [...both, ...deaf] }
}

/** Agones itself is content with such a Fleet, and a roll-out then ends with players who are cut off. */
function deafFleet(file: string, text: string, name: string): PolicyProblem {
  const path = ['spec', 'allocationOverflow', 'annotations']
  const problem = `add { ${DRAIN}: update }: it tells an allocated server of an old template that it has to go, so that its players are moved`
  return { file, ...placeOf(text, 'Fleet', name, path), path: path.join('.'), problem }
}

async function yamlFiles(path: string): Promise<string[]> {
  const entry = await stat(path).catch((error: NodeJS.ErrnoException) => unreadable(path, error))
  if (!entry.isDirectory()) return [path]
  const names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).sort()
  if (names.length === 0) throw new StrataError('FILE_UNREADABLE', { file: path, problem: 'there is no .yaml file in it' })
  return names.map((name) => join(path, name))
}

function unreadable(file: string, error: NodeJS.ErrnoException): never {
  throw new StrataError('FILE_UNREADABLE', { file, problem: error.code === 'ENOENT' ? 'it does not exist' : error.message }, { cause: error })
}

/** As one would write it from here, so that editors and terminals make a link of it. */
function shown(file: string, folder: string): string {
  const short = relative(folder, file)
  return short.startsWith('..') ? file : short
}

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
