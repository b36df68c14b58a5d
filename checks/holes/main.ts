import { join, resolve } from 'node:path'
import accepted from './accepted.json' with { type: 'json' }
import { type Accepted, type Answer, askRegistry, judge } from './audit.ts'

/**
 * `npm run check:holes`: known holes in the packages of both lock files. Ends with 1 when there are any, and with 75 (EX_TEMPFAIL of sysexits.h) when the registry gave
 * no answer, because then nothing is known.
 */
const NO_ANSWER = 75

const root = resolve(import.meta.dirname, '../..')
// The site of the docs has packages and a lock file of its own.
const answers = await Promise.all([root, join(root, 'site')].map((folder) => askRegistry(folder, process.env['STRATA_AUDIT_REGISTRY'])))
const answer: Answer = answers.find(({ answered }) => !answered) ?? { answered: true, holes: answers.flatMap((one) => (one.answered ? one.holes : [])) }
if (answer.answered) {
  const problems = judge(answer.holes, accepted as Accepted[], new Date().toISOString().slice(0, 10))
  process.stdout.write(`${problems.length === 0 ? '✔ no known holes in the dependencies' : `✘ known holes\n${problems.join('\n')}`}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
} else {
  process.stderr.write(
    `✘ NOT CHECKED: the registry did not say which packages have known holes (${answer.problem}).\n  Run "npm run check:holes" where registry.npmjs.org answers, or set STRATA_AUDIT_REGISTRY to a mirror that serves audits.\n`,
  )
  process.exitCode = NO_ANSWER
}
