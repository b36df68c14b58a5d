import { Command, InvalidArgumentError } from 'commander'
import { aboveZero, wholeNumber } from '../../../service/terminal/options.ts'

export interface BotOptions {
  matchmaker: string[]
  issuer?: string
  clientId: string
  redirectUri: string
  bots: number
  seconds?: number
  report?: string
  trace?: string
  speed: number
  scale: number
  seed: number
  progress: boolean
  steady: boolean
  trade: boolean
  acquainted: boolean
  diary?: string
  raw: boolean
  map?: string
  inputRate: number
}

/** Parses the command line of the bots. Exits after the help text or an error. */
export function readBotOptions(argv: readonly string[]): BotOptions {
  return new Command('strata bots')
    .description('Run simulated players of the demo: each is a client of its own that walks, chats, gathers and travels.')
    .option('--matchmaker <url...>', "the matchmaker's player-facing API; with several, the bots spread over them", [
      process.env['STRATA_MATCHMAKER'] ?? 'http://127.0.0.1:7100',
    ])
    .option('--issuer <url>', 'sign in at this OpenID provider (default: by the development login)')
    .option('--client-id <id>', 'with --issuer: the game as a client of the provider', 'strata-game')
    .option('--redirect-uri <url>', 'with --issuer: where the provider sends the code', 'http://127.0.0.1/signed-in')
    .option('--bots <n>', 'number of bots', wholeNumber, 120)
    .option('--seconds <s>', 'stop after this many seconds', aboveZero)
    .option('--report <file>', 'write a JSON report of what the bots saw when they stop')
    .option('--trace <file>', 'follow a recorded population (CSV realm,avatar,guild,zone,t0,t1, may be .gz)')
    .option('--speed <x>', 'with --trace: recorded seconds per second', aboveZero, 600)
    .option('--scale <share>', 'with --trace: share of the recorded avatars that play', share, 0.03)
    .option('--seed <n>', 'random seed; the same seed gives the same schedules', wholeNumber, 1)
    .option('--steady', 'all bots log in at the start and stay; they travel from time to time', false)
    .option('--trade', 'the bots send each other items and money by mail', false)
    .option('--acquainted', 'before the first one enters, all bots make their characters, guilds and friendships', false)
    .option('--diary <file>', 'write the events of each bot, one JSON object a line')
    .option('--raw', 'bare WebSockets without the SDK that walk on one map and measure what they receive; at most 20,000, for --seconds (default 60)', false)
    .option('--map <map>', 'with --raw: the map to enter (default: the crowded one)')
    .option('--input-rate <n>', 'with --raw: inputs a second of each player', aboveZero, 20)
    .option('--progress', 'print one JSON line a second with the number of bots online and wanted', false)
    .addHelpText('after', '\nWithout --issuer the matchmaker must allow the development login (DEV_LOGIN=true). Ctrl-C logs all bots out.')
    .parse(argv, { from: 'user' })
    .opts<BotOptions>()
}

function share(text: string): number {
  const value = aboveZero(text)
  if (value > 1) throw new InvalidArgumentError('write a number above 0, at most 1')
  return value
}
