import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import type { Service } from './service.ts'
import { bearerToken, findService, httpUrl } from './services.ts'

/** Where a command's request goes, and who sends it. */
export interface CallerOptions {
  matchmaker?: string
  token?: string
  tokenFile?: string
}

/** Adds the options that `matchmakerAndToken` reads. */
export function callerOptions(command: Command): Command {
  return command
    .option('--matchmaker <url>', 'address of the matchmaker', httpUrl)
    .option('--token <token>', 'service token or operator token (other users of this machine may see it: prefer STRATA_TOKEN)')
    .option('--token-file <file>', 'file with a service token or the operator token (or STRATA_TOKEN, OPERATOR_TOKEN)')
}

export async function matchmakerAndToken(
  { matchmaker, token, tokenFile }: CallerOptions,
  context: CliContext,
): Promise<{ service: Service; token: string | undefined }> {
  const service = await findService('matchmaker', matchmaker, context)
  return { service, token: token ?? (await bearerToken(service, tokenFile, context)) }
}
