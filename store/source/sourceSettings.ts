import type { Registry } from 'prom-client'
import { z } from 'zod'
import type { Clock } from '../../model/clock.ts'
import { defined } from '../../model/defined.ts'
import { StrataError } from '../../model/errors.ts'
import { HttpSource } from './httpSource.ts'
import type { SocialSource } from './socialSource.ts'

/** Settings of matchmakers and game servers: where the friends and blocks of profiles come from. */
export const sourceSettings = {
  /** `postgres`: Strata's own tables. `http`: the studio's endpoint. */
  SOCIAL_SOURCE: z.enum(['postgres', 'http']).default('postgres'),
  /** Address of the studio's endpoint; required with `http`. */
  SOCIAL_SOURCE_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Sent to the endpoint as bearer token. */
  SOCIAL_SOURCE_TOKEN: z.string().min(1).optional(),
  /** Longest time, in ms, that entering, and each action that a block refuses, waits for the endpoint. */
  SOCIAL_SOURCE_WAIT_MS: z.coerce.number().int().min(10).max(5_000).default(300),
  /** An answer that is not older, in ms, is used without a request. */
  SOCIAL_SOURCE_AGE_MS: z.coerce.number().int().min(0).default(10_000),
}

interface SourceParts {
  clock: Clock
  registry: Registry
  log: { warn(details: object, message: string): void }
}

/** Undefined: the tables. Throws SETTING_INVALID. */
export function sourceFrom(env: z.output<z.ZodObject<typeof sourceSettings>>, parts: SourceParts): SocialSource | undefined {
  if (env.SOCIAL_SOURCE === 'postgres') return undefined
  const { SOCIAL_SOURCE_URL: url, SOCIAL_SOURCE_TOKEN: token, SOCIAL_SOURCE_WAIT_MS: waitMs, SOCIAL_SOURCE_AGE_MS: ageMs } = env
  if (url === undefined)
    throw new StrataError('SETTING_INVALID', { setting: 'SOCIAL_SOURCE_URL', problem: 'SOCIAL_SOURCE=http needs the address of the endpoint' })
  return new HttpSource({ ...parts, ...defined({ token }), url, waitMs, ageMs })
}
