import type { Command } from 'commander'
import { statusResponse } from '../../model/wire/admin.ts'
import { playersResponse } from '../../model/wire/world.ts'
import type { CliContext } from '../context.ts'
import { LOCAL, readConfig } from '../contexts/config.ts'
import { orchestratorFor } from '../orchestratorOptions.ts'
import { resourceNamed } from '../resources/index.ts'
import type { Names } from './suggestions.ts'

/** Longest time for the names, in ms: a person has pressed Tab and waits. */
const NAMES_DEADLINE_MS = 1_500
/** Most names of players that are offered. */
const MOST_PLAYERS = 200

type Kind = 'copies' | 'servers' | 'maps' | 'players' | 'contexts'

/** What each argument and option names: `command argument`, or an argument or option of any command. */
const kinds: Readonly<Record<string, readonly Kind[]>> = {
  '--map': ['maps'],
  '--copy': ['copies'],
  '--server': ['servers'],
  '--context': ['contexts'],
  'drain server|copy': ['servers', 'copies'],
  'close copies': ['copies'],
  'open map': ['maps'],
  'move player': ['players'],
  'move copy': ['copies'],
  'explain character|ticket': ['players'],
  'config use-context name': ['contexts'],
  'config delete-context name': ['contexts'],
  ...Object.fromEntries(['ban', 'unban', 'mute', 'unmute', 'kick', 'message'].map((command) => [`${command} player`, ['players']] as const)),
}

/** Reads the names that the words typed so far may need. Never fails: without an answer there are no names. */
export async function namesFor(typed: readonly string[], strata: Command, context: CliContext): Promise<Names> {
  const words = typed.filter((word) => !word.startsWith('-'))
  const kindOf = (command: string, argument: string): readonly Kind[] => {
    // The names of `get KIND` and `describe KIND` depend on the kind.
    if ((command === 'get' && argument === 'names') || (command === 'describe' && argument === 'name')) {
      const kind = words[1] === 'player' ? 'players' : resourceNamed(words[1] ?? '')?.names[0]
      return kind === 'copies' || kind === 'servers' || kind === 'maps' || kind === 'players' ? [kind] : []
    }
    return kinds[argument] ?? kinds[`${command} ${argument}`] ?? []
  }
  const known = new Map<Kind, string[]>()
  const command = strata.commands.find((one) => one.name() === words[0])
  const wanted = new Set([...(command === undefined ? ['contexts' as const] : kindsIn(command, kindOf))])
  await Promise.all([...wanted].map(async (kind) => void known.set(kind, await namesOf(kind, context).catch(() => []))))
  return { of: (path, argument) => kindOf(path, argument).flatMap((kind) => known.get(kind) ?? []) }
}

/** Every kind that the command or one of its subcommands can name. */
function kindsIn(command: Command, kindOf: (command: string, argument: string) => readonly Kind[], before = ''): Kind[] {
  const path = before === '' ? command.name() : `${before} ${command.name()}`
  const own = [...command.registeredArguments.map((argument) => argument.name()), ...command.options.map(({ long }) => long ?? '')]
  return [...own.flatMap((name) => kindOf(path, name)), ...command.commands.flatMap((one) => kindsIn(one, kindOf, path))]
}

async function namesOf(kind: Kind, context: CliContext): Promise<string[]> {
  if (kind === 'contexts') return [LOCAL, ...Object.keys((await readConfig(context)).contexts)]
  const { request } = await orchestratorFor({}, context)
  const deadlineMs = NAMES_DEADLINE_MS
  if (kind === 'players') {
    const { players } = await request({ path: `/v1/players?limit=${MOST_PLAYERS}`, answer: playersResponse, deadlineMs })
    return players.map(({ name }) => name)
  }
  const { copies, servers, maps } = await request({ path: '/v1/status', answer: statusResponse, deadlineMs })
  if (kind === 'copies') return copies.map(({ copy }) => copy)
  return kind === 'servers' ? servers.map(({ id }) => id) : maps.map(({ map }) => map)
}
