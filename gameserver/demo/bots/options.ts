import { Command, InvalidArgumentError } from 'commander'

export interface BotOptions {
  matchmaker: string
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
  diary?: string
}

/** The bots' command line; prints help or a mistake and ends the process. */
export function readBotOptions(argv: readonly string[]): BotOptions {
  return new Command('strata bots')
    .description('Players of the demo that are no people: each is a client of its own that walks, talks, gathers and travels.')
    .option('--matchmaker <url>', "the matchmaker's player-facing API", process.env['STRATA_MATCHMAKER'] ?? 'http://127.0.0.1:7100')
    .option('--bots <n>', 'how many play', wholeNumber, 120)
    .option('--seconds <s>', 'stop by themselves after so long', positive)
    .option('--report <file>', 'write what they saw as JSON when they stop')
    .option('--trace <file>', 'follow a recorded population (CSV realm,avatar,guild,zone,t0,t1, may be .gz)')
    .option('--speed <x>', 'with --trace: recorded seconds per second', positive, 600)
    .option('--scale <share>', 'with --trace: share of the recorded avatars that play', share, 0.03)
    .option('--seed <n>', 'the same seed does the same again', wholeNumber, 1)
    .option('--steady', 'all come at once and stay, and travel now and then', false)
    .option('--trade', 'they send each other what they have, by mail', false)
    .option('--diary <file>', 'write what each of them sees, a line of JSON each')
    .option('--progress', 'print a line of JSON a second: online, wanted', false)
    .addHelpText('after', '\nThe matchmaker must allow the development login (DEV_LOGIN=true). Ctrl-C lets all log out.')
    .parse(argv, { from: 'user' })
    .opts<BotOptions>()
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('write a whole number')
  return Number(text)
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0')
  return value
}

function share(text: string): number {
  const value = positive(text)
  if (value > 1) throw new InvalidArgumentError('write a number above 0, at most 1')
  return value
}
