import type { CharacterId } from '../../model/ids.ts'
import type { ExplainResponse } from '../../model/wire/matchmaker.ts'
import type { Paint } from '../../service/terminal/paint.ts'
import { duration, timeOfDay } from '../duration.ts'
import { candidateTable } from './candidates.ts'

type Decision = ExplainResponse['decisions'][number]

const outcomes: Record<string, (decision: Decision) => string> = {
  place: ({ map, copy }) => `placed in ${map}, copy ${copy}`,
  refuse: ({ map }) => `refused ${map}`,
  wait: ({ map }) => `given a place in line for ${map}`,
  move: ({ map, copy }) => `moved to ${map}${copy === undefined ? '' : `, copy ${copy}`}`,
}

/** The character, its whereabouts, and the last decisions about it, newest first. */
export function renderExplain(answer: ExplainResponse, { last, now, paint }: { last: number; now: number; paint: Paint }): string[] {
  const { name, character, language, guild, guildName = guild, party, decisions } = answer
  const shown = decisions.slice(0, last)
  const rest = decisions.length - shown.length
  return [
    `${paint('bold', name)}  speaks ${language}${guildName === undefined ? '' : `, guild ${guildName}`}${party === undefined ? '' : `, party ${party}`}  ${paint('dim', character)}`,
    whereabouts(answer, paint),
    ...(decisions.length === 0 ? ['', 'No decision is stored about this character.'] : []),
    ...shown.flatMap((decision) => ['', ...decisionLines(decision, { character, now, paint })]),
    ...(rest > 0 ? ['', paint('dim', `${rest} older ${rest === 1 ? 'decision' : 'decisions'}: --last ${decisions.length}`)] : []),
  ]
}

function whereabouts({ whereabouts: at }: ExplainResponse, paint: Paint): string {
  if (at === undefined) return paint('yellow', 'not in the world')
  const { map, copy, server, seat, live, instanceKey } = at
  const state = live ? 'live' : seat === 'held' ? 'not there yet: a seat is held' : 'not live'
  return `in ${paint('bold', map)}, copy ${copy}${instanceKey === undefined ? '' : ` with the instance key "${instanceKey}"`}${server === undefined ? '' : `, on server ${server}`} (${state})`
}

function decisionLines(decision: Decision, { character, now, paint }: { character: CharacterId; now: number; paint: Paint }): string[] {
  const { at, kind, copy, reason, policyVersion, characters, candidates, inputs } = decision
  const what = outcomes[kind]?.(decision) ?? `${kind} ${decision.map}${copy === undefined ? '' : `, copy ${copy}`}`
  const others = characters.filter((one) => one !== character).length
  const together = others === 0 ? '' : `, together with ${others} more`
  const facts = Object.entries(inputs).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return [
    `${timeOfDay(at, now)} (${duration(now - at)} ago)  ${paint('bold', `${what}${together}`)}`,
    `  ${reason}`,
    ...candidateTable(candidates, copy, paint).map((line) => `  ${line}`),
    paint('dim', `  policy ${policyVersion}${facts.length === 0 ? '' : ` · ${facts.join(' · ')}`}`),
  ]
}
