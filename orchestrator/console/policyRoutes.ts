import { Readable } from 'node:stream'
import { z } from 'zod'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import type { MapName } from '../../model/ids.ts'
import { parsePolicies } from '../../model/policy/parse.ts'
import type { Policies } from '../../model/policy/policy.ts'
import { policyText, policyWriteRequest, type TrialLine, trialRequest } from '../../model/wire/console.ts'
import { type HttpApp, toStrataError } from '../../service/http.ts'
import { versionOf } from '../../service/policyFolder.ts'
import type { AuditEntry } from '../../store/accounts/accounts.ts'
import { type AdminGuard, actorIn } from '../access/adminGuard.ts'
import type { PolicyTexts } from '../policies/policyTexts.ts'
import type { TrialDay } from './dayOfTrials.ts'
import { runTrial } from './trial.ts'

export interface PolicyRouteParts {
  texts: PolicyTexts
  policies: () => Policies
  policyErrors: () => ReadonlyMap<MapName, string>
  /** Chooses the day of a trial; it may write files to the folder. */
  day(folder: string): Promise<TrialDay>
  guard: AdminGuard
  audit(entry: AuditEntry): Promise<void>
}

const params = z.object({ map: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/) })

/** Policies as text: read, tried on a recorded day, and replaced. */
export function policyRoutes(http: HttpApp, { texts, policies, policyErrors, day, guard, audit }: PolicyRouteParts): void {
  const designer = guard.for('policies')
  http.get('/v1/policies/:map', { ...guard.for('view'), schema: { params, response: { 200: policyText } } }, async (request) => {
    const { map } = request.params
    const text = await texts.read(map)
    if (text === undefined) throw new StrataError('MAP_UNKNOWN', { map })
    return defined({ map, text, version: policies().get(map)?.version ?? 'none', problem: policyErrors().get(map) })
  })

  http.put('/v1/policies/:map', { ...designer, schema: { params, body: policyWriteRequest, response: { 200: policyText } } }, async (request) => {
    const { map } = request.params
    const { text, before, reason } = request.body
    const version = versionIn(map, text)
    await audit({ actor: actorIn(request), action: 'policy', subject: map, reason, details: { version } })
    await texts.write(map, text, before)
    return { map, text, version }
  })

  let running = 0
  http.post('/v1/policies/:map/try', { ...designer, schema: { params, body: trialRequest } }, async (request, reply) => {
    const { map } = request.params
    versionIn(map, request.body.text)
    if (running >= TRIALS_AT_ONCE) throw new StrataError('OVERLOADED', { seconds: 60 })
    const today = (await Promise.all([...policies().keys()].map(async (one) => ({ map: one, text: await texts.read(one) })))).filter(
      (one) => one.text !== undefined,
    )
    const draft = [...today.filter((one) => one.map !== map), { map, text: request.body.text }]
    const input = { today: today.map(({ text = '' }) => text), draft: draft.map(({ text = '' }) => text), day }
    const leaving = new AbortController()
    reply.raw.once('close', () => leaving.abort())
    running++
    const lines = linesOf(runTrial(input, leaving.signal))
    const stream = Readable.from(lines).once('close', () => {
      running--
    })
    return reply.type('application/x-ndjson').header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(stream)
  })
}

/** Trials of all people together. Each takes a core for up to minutes. */
const TRIALS_AT_ONCE = 2

/** The status of the answer is sent before the trial ends, so its error is a line, too. */
async function* linesOf(trial: AsyncGenerator<TrialLine>): AsyncGenerator<string> {
  try {
    for await (const line of trial) yield `${JSON.stringify(line)}\n`
  } catch (error) {
    yield `${JSON.stringify({ type: 'failed', message: toStrataError(error).message } satisfies TrialLine)}\n`
  }
}

/** Version of the policy for this map in the text. Throws POLICY_INVALID with the first problem. */
function versionIn(map: MapName, text: string): string {
  const { policies, problems } = parsePolicies(text, map, versionOf)
  const [problem] = problems
  if (problem !== undefined) throw new StrataError('POLICY_INVALID', { ...problem })
  const [policy, ...others] = policies
  if (policy === undefined || others.length > 0 || policy.map !== map)
    throw new StrataError('POLICY_INVALID', { file: map, line: 1, column: 1, path: 'metadata.name', problem: `write exactly one policy, for the map "${map}"` })
  return policy.version
}
