import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { StrataError } from '../../model/errors.ts'
import { didYouMean } from '../../model/policy/didYouMean.ts'
import type { PlacementCode } from '../../model/policy/gameSignal.ts'
import { type PolicyProblem, parsePolicies } from '../../model/policy/parse.ts'
import { checkFleets } from '../../orchestrator/cluster/fleetManifest.ts'
import { missingSignals } from '../../score/gameSignals.ts'
import { versionOf } from '../../service/policyFolder.ts'
import { crossFileProblems, type LintedFile } from './crossFiles.ts'
import { positionOf } from './positionOf.ts'

/** Annotation of a server that must be drained (gameserver/agones/gameServer.ts). */
const DRAIN_ANNOTATION = 'strata.dev/drain'

/** Checks policies and Fleets in files and folders (without subfolders). Reports every mistake, in order of position. Without the game's `code` names of its functions are not checked. */
export async function lintFiles(paths: readonly string[], folder: string, code?: PlacementCode): Promise<LintedFile[]> {
  const files = [...new Set((await Promise.all(paths.map((path) => yamlFiles(resolve(folder, path))))).flat())]
  const linted = await Promise.all(files.map((file) => lintFile(file, displayPath(file, folder))))
  for (const problem of crossFileProblems(linted)) linted.find(({ file }) => file === problem.file)?.problems.push(problem)
  if (code !== undefined) for (const file of linted) file.problems.push(...unknownSignals(file, code), ...unknownKeys(file, code))
  for (const { problems } of linted) problems.sort((a, b) => a.line - b.line || a.column - b.column)
  return linted
}

async function lintFile(path: string, file: string): Promise<LintedFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => unreadable(file, error))
  const { policies, problems } = parsePolicies(text, file, versionOf)
  const { fleets, problems: ofFleets } = checkFleets(text, file)
  // Both parsers report broken YAML.
  const both = [...problems, ...ofFleets.filter(({ path }) => path !== '')]
  const withoutDrain = fleets
    .filter(({ spec }) => !(DRAIN_ANNOTATION in spec.allocationOverflow.annotations))
    .map(({ metadata }) => missingDrainAnnotation(file, text, metadata.name))
  return { file, text, policies, fleets: fleets.map(({ metadata }) => metadata.name), problems: [...both, ...withoutDrain] }
}

function unknownSignals({ file, text, policies }: LintedFile, { signals }: PlacementCode): PolicyProblem[] {
  return policies.flatMap((policy) =>
    missingSignals(policy, signals).map((name) => {
      const path = ['spec', 'placement', 'weights', 'game', name]
      const problem = `the placement code has no signal "${name}"${didYouMean(name, Object.keys(signals))}`
      return { file, ...positionOf(text, 'MapPolicy', policy.map, path), path: path.join('.'), problem, map: policy.map }
    }),
  )
}

function unknownKeys({ file, text, policies }: LintedFile, { instanceKeys }: PlacementCode): PolicyProblem[] {
  return policies.flatMap(({ map, instance: { key } }) => {
    if (key === undefined || key in instanceKeys) return []
    const path = ['spec', 'instance', 'key']
    const problem = `the placement code has no instance key "${key}"${didYouMean(key, Object.keys(instanceKeys))}`
    return [{ file, ...positionOf(text, 'MapPolicy', map, path), path: path.join('.'), problem, map }]
  })
}

/** Agones accepts a Fleet without this annotation, but a roll-out then disconnects players. */
function missingDrainAnnotation(file: string, text: string, name: string): PolicyProblem {
  const path = ['spec', 'allocationOverflow', 'annotations']
  const problem = `add { ${DRAIN_ANNOTATION}: update }: without it an allocated server of an old template does not learn that it must be drained, and its players are disconnected`
  return { file, ...positionOf(text, 'Fleet', name, path), path: path.join('.'), problem }
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

/** Path relative to the current folder, so that editors and terminals can link it. */
function displayPath(file: string, folder: string): string {
  const short = relative(folder, file)
  return short.startsWith('..') ? file : short
}
