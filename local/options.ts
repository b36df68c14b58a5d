import { Command, InvalidArgumentError } from 'commander'

export interface StartOptions {
  bots: number
  seconds?: number
  report?: string
  picture?: string
  trace?: string
  speed: number
  scale: number
  seed: number
  fresh: boolean
  state: string
  policies: string
  view: boolean
  matchmakerPort?: number
  orchestratorPort?: number
  postgresPort?: number
  redisPort?: number
}

const MATCHMAKER_PORT = 7100
const ORCHESTRATOR_PORT = 7101

/** The command line of `npm start`; prints help or a mistake and ends the process. */
export function readStartOptions(argv: readonly string[]): StartOptions {
  const command = new Command('npm start --')
    .description('Runs the whole of Strata on this machine: PostgreSQL, Redis, orchestrator, matchmaker, game servers, and bots that play.')
    .option('--bots <n>', 'how many bots play (0: none)', wholeNumber, 120)
    .option('--seconds <s>', 'stop by itself after so long', positive)
    .option('--report <file>', 'write what happened as JSON when stopping')
    .option('--picture <file>', 'draw the crowd over its copies as SVG when stopping')
    .option('--trace <file>', 'bots follow a recorded population (CSV, may be .gz)')
    .option('--speed <x>', 'with --trace: recorded seconds per second', positive, 600)
    .option('--scale <share>', 'with --trace: share of the recorded avatars that play', positive, 0.03)
    .option('--seed <n>', 'the bots do the same again with the same seed', wholeNumber, 1)
    .option('--fresh', 'forget the database and the directory of earlier starts', false)
    .option('--state <dir>', 'where data, keys and logs are kept', '.strata')
    .option('--policies <dir>', 'map policies and fleets', 'fleets')
    .option('--no-view', 'no live view of the copies')
    .option('--matchmaker-port <port>', `port of the player-facing API (0 takes a free one; ${MATCHMAKER_PORT})`, wholeNumber, MATCHMAKER_PORT)
    .option('--orchestrator-port <port>', `port of the status and admin API (0 takes a free one; ${ORCHESTRATOR_PORT})`, wholeNumber, ORCHESTRATOR_PORT)
    .option('--postgres-port <port>', 'port of PostgreSQL (any free one)', wholeNumber)
    .option('--redis-port <port>', 'port of Redis (any free one)', wholeNumber)
    .addHelpText(
      'after',
      '\nSettings: REDIS_URL uses a Redis of yours instead of one of its own; LOG_LEVEL says how much goes to STATE/log.\nCtrl-C stops everything.',
    )
  return command.parse(argv, { from: 'user' }).opts<StartOptions>()
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
