import { Command } from 'commander'
import { isPackage } from '../service/installation.ts'
import { aboveZero, wholeNumber } from '../service/terminal/options.ts'
import { TOKEN_SECONDS } from './production.ts'

export interface StartOptions {
  bots: number
  /** The game's own bots instead of the demo's. They get the same arguments. */
  botsScript?: string
  /** Folders with the code of the game: after a change its servers are replaced, as in a roll-out. */
  watch?: string[]
  /** Commands of further processes of the game, such as "vite". */
  with?: string[]
  seconds?: number
  report?: string
  picture?: string
  trace?: string
  speed: number
  scale: number
  seed: number
  /** The bots know each other before the first one enters. */
  acquainted?: boolean
  fresh: boolean
  state: string
  policies: string
  /** The game's placement code: PLACEMENT_CODE of matchmakers and orchestrator. */
  placementCode?: string
  view: boolean
  /** Players sign in at an identity provider; the development login is off. */
  production?: boolean
  /** With `production`: lifetime of session tokens. */
  tokenSeconds?: number
  /** Limits per address, which are off by default: all bots share an address. */
  perAddress?: { connections: number; requestsPerSecond: number }
  matchmakerPort?: number
  orchestratorPort?: number
  demoPort?: number
  postgresPort?: number
  redisPort?: number
}

const MATCHMAKER_PORT = 7100
const ORCHESTRATOR_PORT = 7101
export const DEMO_PORT = 7102
/** The demo's bots are not in the npm package, so a game names its own. */
const DEFAULT_BOTS = isPackage ? 0 : 120

/** Parses the command line of `npm start`. Prints help or an error and exits when needed. */
export function readStartOptions(argv: readonly string[]): StartOptions {
  const command = new Command(isPackage ? 'strata start' : 'npm start --')
    .description('Runs all of Strata on this machine: PostgreSQL, Redis, orchestrator, matchmaker, game servers, and bots that play.')
    .option('--bots <n>', 'number of bots (0: none)', wholeNumber, DEFAULT_BOTS)
    .option('--bots-script <file>', "the game's own bots, which get --matchmaker, --bots and --seed")
    .option('--watch <dirs...>', 'folders with code: when it changes, new game servers take over the players of the old ones')
    .option('--with <command>', 'runs another process of the game, such as "vite --port 5173"; may be repeated', collect)
    .option('--seconds <s>', 'stop after this time, in seconds', aboveZero)
    .option('--report <file>', 'when stopping, write counts as JSON')
    .option('--picture <file>', 'when stopping, draw the players of each copy over time as SVG')
    .option('--trace <file>', 'bots follow a recorded population (CSV, may be .gz)')
    .option('--speed <x>', 'with --trace: recorded seconds per second', aboveZero, 600)
    .option('--scale <share>', 'with --trace: share of the recorded players that become bots', aboveZero, 0.03)
    .option('--seed <n>', 'seed of the bots; equal seeds give equal behaviour', wholeNumber, 1)
    .option('--acquainted', 'before the first bot enters, all make their characters, guilds and friendships')
    .option('--production', 'players sign in at an OpenID provider; two matchmakers without the development login', false)
    .option('--token-seconds <s>', 'with --production: lifetime of session tokens, in seconds', wholeNumber, TOKEN_SECONDS)
    .option('--fresh', 'delete the database and the directory of earlier starts', false)
    .option('--state <dir>', 'folder for data, keys and logs', '.strata')
    .option('--policies <dir>', 'folder with map policies and fleets', 'fleets')
    .option('--placement-code <file>', "the game's own placement signals, for matchmakers and orchestrator")
    .option('--no-view', 'no live view of the copies')
    .option('--matchmaker-port <port>', `port of the player-facing API (0: any free port; default ${MATCHMAKER_PORT})`, wholeNumber, MATCHMAKER_PORT)
    .option('--orchestrator-port <port>', `port of the status and admin API (0: any free port; default ${ORCHESTRATOR_PORT})`, wholeNumber, ORCHESTRATOR_PORT)
    .option('--demo-port <port>', `port of the browser demo (0: any free port; default ${DEMO_PORT})`, wholeNumber, DEMO_PORT)
    .option('--postgres-port <port>', 'port of PostgreSQL (default: any free port)', wholeNumber)
    .option('--redis-port <port>', 'port of Redis (default: any free port)', wholeNumber)
    .addHelpText(
      'after',
      '\nEnvironment: REDIS_URL names a running Redis to use, REDIS_PREFIX the prefix of its keys; LOG_LEVEL is the level of the logs in STATE/log.\nCtrl-C stops everything.',
    )
  const options = command.parse(argv, { from: 'user' }).opts<StartOptions>()
  if (isPackage && options.bots > 0 && options.botsScript === undefined)
    command.error('--bots needs --bots-script FILE: the npm package has no bots of its own')
  return options
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value]
}
