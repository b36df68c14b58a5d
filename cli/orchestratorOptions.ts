import type { Command } from 'commander'
import { ask, type CliRequest } from './ask.ts'
import type { CliContext } from './context.ts'
import type { Service } from './service.ts'
import { bearerToken, findService, httpUrl } from './services.ts'

/** Which orchestrator a command asks, and as whom. */
export interface OrchestratorOptions {
  orchestrator?: string
  tokenFile?: string
}

/** Adds the options that `orchestratorFor` reads. */
export function orchestratorOptions(command: Command): Command {
  return command
    .option('--orchestrator <url>', 'address of the orchestrator', httpUrl)
    .option('--token-file <file>', "file with the operator's token or a service token (or STRATA_TOKEN, OPERATOR_TOKEN)")
}

/** A request function for the orchestrator, which sends the caller's token with each request. */
export type AskOrchestrator = <T>(request: Omit<CliRequest<T>, 'token' | 'signal'>) => Promise<T>

export async function orchestratorFor(
  { orchestrator, tokenFile }: OrchestratorOptions,
  context: CliContext,
): Promise<{ service: Service; request: AskOrchestrator }> {
  const service = await findService('orchestrator', orchestrator, context)
  const token = await bearerToken(service, tokenFile, context)
  return { service, request: (request) => ask(service, { ...request, token, signal: context.signal }) }
}
