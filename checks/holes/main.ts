import { resolve } from 'node:path'
import accepted from './accepted.json' with { type: 'json' }
import { type Accepted, askRegistry, judge } from './audit.ts'

/**
 * `npm run check:holes`: known holes in the installed packages. Ends with 1 when there are any, and with 75 (EX_TEMPFAIL of sysexits.h) when the registry gave
 * no answer, because then nothing is known.
 */
const NO_ANSWER = 75

const answer = await askRegistry(resolve(import.meta.dirname, '../..'), process.env['STRATA_AUDIT_REGISTRY'])
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
