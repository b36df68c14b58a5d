import { createHash } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StrataError } from '../model/errors.ts'
import type { MapName } from '../model/ids.ts'
import { formatProblem, type PolicyProblem, parsePolicies } from '../model/policy/parse.ts'
import type { MapPolicy, Policies } from '../model/policy/policy.ts'
import type { Logger } from './log.ts'

/** Delay before reading after the last change, in ms, because editors save in several steps. */
const SETTLE_MS = 100
/** Interval between reads without a change event, in ms: watching misses changes on some file systems (network mounts, ConfigMaps). */
const POLL_MS = 2_000

async function readPolicies(folder: string): Promise<{ policies: MapPolicy[]; problems: PolicyProblem[] }> {
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort()
  const parsed = await Promise.all(files.map(async (name) => parsePolicies(await readFile(join(folder, name), 'utf8'), join(folder, name), versionOf)))
  const policies = parsed.flatMap((file) => file.policies)
  const problems = parsed.flatMap((file) => file.problems)
  const seen = new Set<MapName>()
  for (const [index, { policies: own }] of parsed.entries()) {
    for (const { map } of own) {
      if (seen.has(map))
        problems.push({
          file: join(folder, files[index] ?? ''),
          line: 1,
          column: 1,
          path: 'metadata.name',
          problem: `another file has a policy for the map "${map}"; keep one`,
          map,
        })
      seen.add(map)
    }
  }
  return { policies, problems }
}

/** The policies of a folder by map. Throws POLICY_INVALID with the first problem. */
export async function readValidPolicies(folder: string): Promise<Policies> {
  const { policies, problems } = await readPolicies(folder)
  const [first] = problems
  if (first !== undefined) throw new StrataError('POLICY_INVALID', { ...first })
  return byMap(policies)
}

/** Short hash of the text of a policy, so that people can compare versions. */
export function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

/**
 * The policies of a folder, kept up to date. An invalid policy is reported and changes nothing: the last good policy of its map stays in force (rule
 * D4). Deleting a file removes its policy.
 */
export class PolicyFolder implements AsyncDisposable {
  readonly #folder: string
  readonly #log: Logger
  readonly #onChange: (policies: Policies) => void
  #policies: Policies = new Map()
  #problems: PolicyProblem[] = []
  #fingerprint = ''
  #watcher: FSWatcher | undefined
  #poll: NodeJS.Timeout | undefined
  #settle: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()

  private constructor(folder: string, log: Logger, onChange: (policies: Policies) => void) {
    this.#folder = folder
    this.#log = log
    this.#onChange = onChange
  }

  /** Throws POLICY_INVALID with the first problem: at the start there is no earlier policy that could stay in force. */
  static async open(folder: string, log: Logger, onChange: (policies: Policies) => void = () => undefined): Promise<PolicyFolder> {
    const opened = new PolicyFolder(folder, log, onChange)
    opened.#policies = await readValidPolicies(folder)
    opened.#fingerprint = fingerprint([...opened.#policies.values()], [])
    const scheduleRead = (): void => opened.#scheduleRead()
    try {
      opened.#watcher = watch(folder, scheduleRead)
      opened.#watcher.on('error', (error) => log.warn({ err: error, folder }, 'watching the policy folder failed; it is polled instead'))
    } catch (error) {
      log.warn({ err: error, folder }, 'watching the policy folder failed; it is polled instead')
    }
    opened.#poll = setInterval(scheduleRead, POLL_MS)
    return opened
  }

  policies(): Policies {
    return this.#policies
  }

  problems(): PolicyProblem[] {
    return this.#problems
  }

  #scheduleRead(): void {
    clearTimeout(this.#settle)
    this.#settle = setTimeout(() => {
      this.#reading = this.#reading
        .then(() => this.#read())
        .catch((error: unknown) => this.#log.error({ err: error, folder: this.#folder }, 'the policies could not be read; the last good ones stay in force'))
    }, SETTLE_MS)
  }

  async #read(): Promise<void> {
    const { policies, problems } = await readPolicies(this.#folder)
    const now = fingerprint(policies, problems)
    if (now === this.#fingerprint) return
    this.#fingerprint = now
    const next = new Map(byMap(policies))
    for (const problem of problems) {
      this.#log.error({ problem: formatProblem(problem) }, 'policy refused; the last good one stays in force')
      for (const map of problem.map === undefined ? this.#policies.keys() : [problem.map]) {
        const good = this.#policies.get(map)
        if (good !== undefined && (problem.map !== undefined || !next.has(map))) next.set(map, good)
      }
    }
    this.#policies = next
    this.#problems = problems
    this.#log.info({ policies: [...next.values()].map(({ map, version }) => `${map}@${version}`), problems: problems.length }, 'policies read')
    this.#onChange(next)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll)
    clearTimeout(this.#settle)
    this.#watcher?.close()
    await this.#reading
  }
}

function byMap(policies: readonly MapPolicy[]): Policies {
  return new Map(policies.map((policy) => [policy.map, policy]))
}

function fingerprint(policies: readonly MapPolicy[], problems: readonly PolicyProblem[]): string {
  return JSON.stringify([policies.map(({ map, version }) => [map, version]), problems.map(formatProblem)])
}
