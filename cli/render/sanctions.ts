import type { z } from 'zod'
import { UNTIL_LIFTED } from '../../model/people/sanction.ts'
import type { playerAnswer } from '../../model/wire/moderation.ts'
import type { Paint } from '../../service/terminal/paint.ts'

/** An account with its characters, ban, mute and the last entries of its audit log. */
export function renderSanctions({ account, characters, ban, mute, entries }: z.infer<typeof playerAnswer>, now: number, paint: Paint): string[] {
  const inForce = (what: string, sanction: typeof ban): string[] =>
    sanction === undefined || sanction.until <= now
      ? []
      : [
          paint(
            'red',
            `${what} ${sanction.until >= UNTIL_LIFTED ? 'until it is lifted' : `until ${new Date(sanction.until).toISOString()}`}: ${sanction.reason}`,
          ),
        ]
  return [
    `account ${paint('bold', account)}, characters: ${characters.map(({ name }) => name).join(', ')}`,
    ...inForce('banned', ban),
    ...inForce('muted', mute),
    ...entries
      .slice(0, 5)
      .map(({ at, actor, action, reason }) => `  ${new Date(at).toISOString()}  ${actor}  ${action}${reason === undefined ? '' : `  ${reason}`}`),
  ]
}
