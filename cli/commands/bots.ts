import type { Command } from 'commander'
import { z } from 'zod'
import { ask } from '../ask.ts'
import { handOver } from '../handOver.ts'
import { findService, httpUrl } from '../services.ts'
import type { Surroundings } from '../surroundings.ts'
import { aboveZero, wholeNumber } from './options.ts'

interface BotsOptions extends Record<string, string | number | undefined> {
  matchmaker?: string
}

export function botsCommand(strata: Command, here: Surroundings): void {
  strata
    .command('bots')
    .description('sends bots into a running world: real clients that walk, talk, travel and form parties')
    .option('--bots <n>', 'how many', wholeNumber, 50)
    .option('--seconds <s>', 'leave after so long (else on Ctrl-C)', aboveZero)
    .option('--report <file>', 'write what they saw as JSON')
    .option('--trace <file>', 'follow a recorded population (CSV, may be .gz)')
    .option('--speed <x>', 'with --trace: recorded seconds per second', aboveZero)
    .option('--scale <share>', 'with --trace: share of the recorded avatars that play', aboveZero)
    .option('--seed <n>', 'the same again with the same seed', wholeNumber)
    .option('--matchmaker <url>', 'where the matchmaker listens', httpUrl)
    .addHelpText(
      'after',
      '\nExamples:\n  strata bots --bots 200\n  strata bots --bots 60 --seconds 120 --report bots.json\n  strata bots --trace ../shared/traces/megaserver_day.csv.gz --speed 600 --scale 0.03',
    )
    .action(async ({ matchmaker, ...options }: BotsOptions) => {
      const service = await findService('matchmaker', matchmaker, here)
      // Asked first: bots that find nobody try again for a while and say less.
      await ask(service, { path: '/healthz', answer: z.object({ ok: z.literal(true) }), signal: here.signal })
      const args = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]))
      handOver(here, 'gameserver/demo/bots/main.ts', ['--matchmaker', service.url, ...args])
    })
}
