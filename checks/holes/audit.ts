import { spawn } from 'node:child_process'

/** One known hole in an installed package. */
export interface Hole {
  package: string
  severity: string
  title: string
  /** Id of the advisory, such as `GHSA-xxxx-xxxx-xxxx`. */
  advisory: string
  url: string
}
/** A hole that was judged harmless here, until a day on which it is judged again. */
export interface Accepted {
  advisory: string
  reason: string
  /** First day (YYYY-MM-DD) on which the check fails again. */
  until: string
}
export type Answer = { answered: true; holes: Hole[] } | { answered: false; problem: string }

/** Longest time in ms for the registry's answer. */
const TIMEOUT_MS = 60_000
const SHOWN_CHARACTERS = 300

/** The part of `npm audit --json` that is read here. */
interface Report {
  message?: string
  vulnerabilities?: Record<string, { via: (string | { name: string; title: string; url: string; severity: string })[] }>
}

/** Asks the registry for known holes in all packages of package-lock.json in `root`, those of the tools included. */
export async function askRegistry(root: string, registry?: string): Promise<Answer> {
  const { output, errors } = await run(root, ['audit', '--json', ...(registry === undefined ? [] : [`--registry=${registry}`])])
  const report = readReport(output)
  if (report?.vulnerabilities === undefined)
    return { answered: false, problem: (report?.message ?? `${output}${errors}`.trim().slice(0, SHOWN_CHARACTERS)) || 'npm printed nothing' }
  const holes = Object.values(report.vulnerabilities).flatMap(({ via }) =>
    via.flatMap((cause) =>
      typeof cause === 'string'
        ? [] // the package only depends on one that has a row of its own
        : [{ package: cause.name, severity: cause.severity, title: cause.title, advisory: cause.url.split('/').at(-1) ?? cause.url, url: cause.url }],
    ),
  )
  return { answered: true, holes: [...new Map(holes.map((hole) => [`${hole.package} ${hole.advisory}`, hole])).values()] }
}

/** The problems as text for a person: holes that nobody has accepted, and acceptances that have ended or are not needed any more. */
export function judge(holes: readonly Hole[], accepted: readonly Accepted[], today: string): string[] {
  const valid = new Set(accepted.filter(({ until }) => today < until).map(({ advisory }) => advisory))
  const known = new Set(holes.map(({ advisory }) => advisory))
  return [
    ...holes
      .filter(({ advisory }) => !valid.has(advisory))
      .map(
        ({ package: name, severity, title, url }) =>
          `${name}: ${title} (${severity}). ${url} Update the package, or write the advisory with a reason and a day into checks/holes/accepted.json.`,
      ),
    ...accepted
      .filter(({ advisory }) => !known.has(advisory))
      .map(({ advisory }) => `${advisory} is in checks/holes/accepted.json and no package has it: remove it.`),
  ]
}

function readReport(output: string): Report | undefined {
  try {
    return JSON.parse(output) as Report // npm documents the format of version 2
  } catch {
    return undefined
  }
}

/** npm ends with 1 for holes and for a failure alike; only its output tells them apart. */
function run(cwd: string, args: readonly string[]): Promise<{ output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString()
    })
    child.once('error', reject)
    child.once('close', () => resolve({ output, errors }))
  })
}
