import { z } from 'zod'
import { ACTION_LIMIT_MAX, violationKinds } from '../fairness.ts'
import { SCHEDULE_PATTERN } from './cron.ts'
import { GAME_SIGNAL_NAME } from './gameSignal.ts'
import { durationText, percentText } from './units.ts'

const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'use lower-case letters, digits and dashes, at most 63')
const people = z.int().min(0)
const warmForms = 'write "auto", a number of copies, or a share such as "20%"'
const languageTag = z.string().regex(/^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?$/, 'write a BCP 47 language tag in lower case, such as "de" or "pt-br"')
const scheduleForm = 'write five cron fields: minute hour day month weekday, such as "0 */3 * * *" or "30 18 * * FRI"'
const expectForms = 'write a number of players such as 200, the additional crowd such as "+150%", or "last"'
const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+){0,2}$/, 'write a time zone such as "Europe/Berlin" or "UTC"')
const weight = z.number().min(0).max(100)
const gameSignalName = z.string().regex(GAME_SIGNAL_NAME, 'write the name of the function: a letter, then letters and digits, at most 40')

/** An attribute that the game sets on characters (level, skill, faction …), with `attributes` of `POST /v1/login` or `Store.describe`. */
const attribute = z
  .strictObject({
    name: dnsName.describe('The attribute, as the game sets it on a character.'),
    prefer: z
      .enum(['near', 'far', 'same', 'different'])
      .describe('near and far compare numbers by their distance; same brings characters of one category together; different mixes categories.'),
    range: z.number().positive().default(10).describe('Only near and far: at this distance or more, two numbers count as completely different.'),
    weight: weight.default(1).describe('Relative weight, as in placement.weights; 0 ignores the attribute.'),
    missing: z
      .string({ error: 'write a text; put numbers in quotes, such as "1"' })
      .max(64)
      .optional()
      .describe('Value for characters without the attribute. If left out, the attribute adds nothing to the score for them, and they do not count for others.'),
  })
  .describe('One character attribute that brings characters together or keeps them apart.')

const actionLimit = z.int().min(0).max(ACTION_LIMIT_MAX).exactOptional()
const actionLimits = z
  .strictObject({
    correct: actionLimit.describe('The claim does not count.'),
    warn: actionLimit.describe('The client gets a warning, once.'),
    flag: actionLimit.describe('`strata violations --flagged` lists the character.'),
    kick: actionLimit.describe('The session ends.'),
  })
  .describe('From how many violations within the window on each action is taken; 0: never.')

/** The policy that designers write: one document per map. Unknown keys are refused at every level. */
export const mapPolicySchema = z.strictObject({
  apiVersion: z.literal('strata.dev/v1alpha1'),
  kind: z.literal('MapPolicy'),
  metadata: z.strictObject({
    name: dnsName.describe('The map that this policy is for.'),
    namespace: dnsName.optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.strictObject({
    fleet: dnsName.describe('The Agones Fleet whose servers host the copies of this map.'),
    fallbackFleets: z
      .array(
        z.strictObject({
          fleet: dnsName.describe('Name of the Fleet.'),
          after: durationText
            .default('30s')
            .describe('For how long the Fleet before it must have had no free server, although it was asked for more, until copies open here.'),
        }),
      )
      .max(7)
      .default([])
      .describe(
        'Fleets in which copies open while those before them get no server, in order of priority: on-demand behind spot, another region behind the own.',
      ),
    kind: z
      .enum(['zone', 'instance'])
      .default('zone')
      .describe('zone: layered copies for everybody; instance: copies that are private to one party, or to those with one instance key.'),
    capacity: z
      .strictObject({
        soft: z.int().min(1).describe('Soft cap: strangers are placed only up to this many characters.'),
        hard: z.int().min(1).describe('Hard cap: never more characters than this, company included.'),
        company: people.default(15).describe('Seats above soft that only party, friends and guild may take (never above hard).'),
        headroom: z
          .strictObject({
            likely: percentText
              .default('25%')
              .describe('Expected share of the friends and guild-mates online elsewhere who will follow. Party members always count in full.'),
            halfLife: durationText.default('5m').describe('After this time, company that has not come counts half.'),
          })
          .prefault({})
          .describe(
            'Seats that strangers leave free for company that is online elsewhere: strangers stop at hard minus these seats, if that is below soft. At most `company` seats.',
          ),
      })
      .describe('How many characters one copy holds.'),
    parties: z
      .strictObject({
        max: z
          .int()
          .min(1)
          .max(200)
          .default(5)
          .describe('Members of the largest party that may enter as one, and of the largest party that may enter an instance at all; a raid map has 50.'),
      })
      .prefault({}),
    copies: z
      .strictObject({
        min: z
          .int()
          .min(0)
          .default(0)
          .describe(
            'Copies that stay open even when nobody is there. 0: a map with almost no visitors has no copy, and the first visitor waits until one opens.',
          ),
        max: z
          .int()
          .min(1)
          .default(200)
          .describe(
            'Most copies at the same time. When all are full, players wait in line. Only for players of a copy that has to end, and who find no seat in another copy, a copy opens above it.',
          ),
        warm: z
          .union([z.literal('auto'), z.int().min(0), z.string().regex(/^\d+(\.\d+)?%$/, warmForms)], { error: warmForms })
          .default('auto')
          .describe('Spare copies: auto (from the forecast), a number, or a share of the open copies.'),
      })
      .prefault({}),
    open: z
      .strictObject({
        above: percentText.default('100%').describe('Open another copy when the taken seats exceed this share of the sum of all soft caps.'),
        patience: durationText
          .default('1m')
          .describe('Wait this long before opening a copy only to make room for company. Copies for missing seats open at once.'),
        leadTime: durationText
          .default('30s')
          .describe('How far ahead to forecast growth: the time from the decision until the copy is open, server start included.'),
      })
      .prefault({}),
    merge: z
      .strictObject({
        below: percentText.default('80%').describe('A copy may be merged into others when it is filled less than this share of soft.'),
        into: percentText.default('98%').describe('The receiving copies may be filled up to this share of soft by the merge.'),
        minAge: durationText.default('10m').describe('A copy younger than this is never merged.'),
        cancelAbove: percentText.default('100%').describe('A closing copy that fills above this share of soft is reopened.'),
        patience: durationText.default('45m').describe('Players may leave a closing copy by themselves for this long before they are moved.'),
        rest: people.default(2).describe('When this many players or fewer remain in a closing copy, they are moved without waiting for merge.patience.'),
        deadline: durationText.default('1h').describe('After this time in closing, busy players are moved too.'),
      })
      .prefault({}),
    budgets: z
      .strictObject({
        moves: z
          .number()
          .min(0)
          .max(60)
          .default(0.01)
          .describe('Moves per hour and player that players did not ask for: merges, reunions and relief, not drains. Held on average over a day.'),
        copies: percentText
          .default('12%')
          .describe('Copies beyond the fewest that would hold the players at their hard caps, as a share of these. Held on average over a day.'),
      })
      .prefault({})
      .describe('What may be spent to keep people together. All maps of a world share what they do not need; each map pays in by its own budgets.'),
    moves: z
      .strictObject({
        perMinute: z.int().min(1).default(60).describe('Most moves that the orchestrator starts per minute on this map; more only while a server ends.'),
        perPlayerEvery: durationText.default('30m').describe('Shortest time between two moves of one player that the player did not ask for.'),
        reunite: z
          .number()
          .min(0)
          .max(60)
          .default(0.03)
          .describe('Moves per hour and player on the map that bring guild-mates together. 0: players are moved only out of closing copies.'),
        hopCooldown: z
          .strictObject({
            first: durationText.default('1m').describe('Wait after the first hop.'),
            factor: z.number().min(1).default(2).describe('Multiplies the wait with each further hop.'),
            max: durationText.default('1h').describe('Longest wait.'),
            forget: durationText.default('6h').describe('After this time without a hop, the wait starts again at first.'),
          })
          .prefault({})
          .describe('Limits how often a player may choose a copy by hand (a hop): the wait grows by factor with each hop and is reset after forget.'),
      })
      .prefault({}),
    placement: z
      .strictObject({
        weights: z
          .strictObject({
            friends: weight
              .default(49)
              .describe('Friends in the copy. Ten friends met often give the full value; a friend not met lately counts half; 0 ignores them.'),
            guild: weight.default(62).describe('Guild-mates in the copy. Fifteen or more give the full value.'),
            language: weight
              .default(22)
              .describe('Players in the copy who speak a language of the player (the best that both speak), and copies of a single language that stay so.'),
            familiar: weight.default(1).describe('Characters met recently in the copy.'),
            occupancy: weight.default(0).describe('Prefers fuller copies, up to soft, so that the world does not feel empty.'),
            room: weight
              .default(45)
              .describe(
                'Avoids crowded copies (above 78 % of soft), most of all copies with guilds, for players without company there: guilds keep seats to grow.',
              ),
            latency: weight
              .default(10)
              .describe('Prefers servers in regions with a low latency, as the client measured it. Without a measurement it has no effect.'),
            game: z
              .record(gameSignalName, weight)
              .default({})
              .describe("Signals of the game's own code (`PLACEMENT_CODE`), such as { veterans: 20 }. A signal that the code lacks adds 0."),
          })
          .prefault({})
          .describe('Relative weights of the parts of the score, each 0..1; 0 disables a part. The party always comes before the score.'),
        friends: z
          .enum(['first', 'weighed'])
          .default('weighed')
          .describe('first: the number of friends is compared before the score, which splits guilds; weighed: friends count by placement.weights.friends.'),
        languages: z
          .strictObject({
            regions: z
              .enum(['together', 'apart'])
              .default('together')
              .describe('together: regions of one language count as one language (pt-br and pt-pt as pt); apart: each tag counts by itself.'),
            as: z
              .record(languageTag, languageTag)
              .default({})
              .describe('Languages that count as another one, such as { "nn": "nb" }. These rules come before `regions`.'),
          })
          .prefault({})
          .describe('Which languages count as the same. Applies to seats that are given or renewed after the change.'),
        attributes: z
          .array(attribute)
          .max(8)
          .default([{ name: 'world', prefer: 'same', range: 10, weight: 15 }])
          .describe(
            'Further character attributes that bring players together or keep them apart. Default: the home world, for characters that have this attribute.',
          ),
        maxLatency: durationText.optional().describe('Copies in regions with a higher latency than this, as the client measured it, are not eligible.'),
        returnWithin: durationText
          .default('5m')
          .describe(
            'A player who left the game, or whose connection dropped, goes back to the same copy for this long while a seat is free there. "0s": never.',
          ),
        chooseCopy: z.boolean().default(false).describe('Whether players may choose a copy by hand.'),
      })
      .prefault({}),
    queue: z
      .strictObject({
        max: z.int().min(0).default(5000).describe('Longest line. Further requests are refused at once with LINE_FULL.'),
        grace: durationText.default('2m').describe('A client whose connection dropped keeps its place for this long.'),
        classes: z.array(dnsName).min(1).default(['member']).describe('Priority classes, the highest first.'),
        ageing: durationText
          .default('10m')
          .describe('A place of a lower class counts as if it had arrived this much later per class, so that nobody waits without end.'),
        admit: z
          .strictObject({
            perSecond: z
              .number()
              .positive()
              .max(10_000)
              .default(1_000)
              .describe('Most characters per second that get seats from the line, over all matchmakers.'),
            margin: people.default(0).describe('Seats per copy that the line leaves free for players who reconnect.'),
          })
          .prefault({}),
        idleRelease: z
          .union([z.literal('never'), durationText])
          .default('15m')
          .describe('While others wait in line, a player who was idle for this long is warned and then loses the seat. never: idle players keep their seats.'),
        share: z
          .enum(['none', 'guild'])
          .default('none')
          .describe(
            'guild: while a line exists, seats go to guilds in proportion to their members on the map and in line, in order of arrival within a guild.',
          ),
      })
      .prefault({}),
    instance: z
      .strictObject({
        closeAfter: durationText.default('5m').describe('An instance closes when it was empty for this long. Until then its party can return to it.'),
        perHour: z.int().min(1).max(1000).default(10).describe('Most new instances per hour of one party, and of each of its members.'),
        key: gameSignalName
          .optional()
          .describe("Name of the game's function that says which instance a group enters (docs/how-to/extend.md). Left out: each party has its own."),
      })
      .prefault({})
      .describe('Only for kind instance.'),
    fairness: z
      .strictObject({
        window: durationText.default('1m').describe('Violations within this time are counted together.'),
        limits: z
          .partialRecord(z.enum(violationKinds), actionLimits)
          .default({})
          .describe(
            'For each kind of violation the numbers within the window from which on the server corrects, warns, flags and kicks, such as `{ speed: { warn: 5, kick: 50 } }`; 0: never. What is left out keeps its default (docs/how-to/fair-play.md).',
          ),
      })
      .prefault({})
      .describe('What happens to players whose clients claim what the game does not allow.'),
    decisions: z.strictObject({ keep: durationText.default('7d').describe('How long decisions about this map are stored for strata explain.') }).prefault({}),
    seat: z.strictObject({ hold: durationText.default('15s').describe('How long a held seat is reserved for its client.') }).prefault({}),
    events: z
      .array(
        z.strictObject({
          name: dnsName.describe('Name of the event in decisions.'),
          schedule: z
            .string()
            .max(120)
            .regex(new RegExp(SCHEDULE_PATTERN), scheduleForm)
            .describe('Cron schedule in the time zone: minute hour day month weekday. Months and weekdays may be names (FRI).'),
          timeZone: timeZone.optional().describe('Time zone of this schedule, such as "Europe/Berlin". If left out, `timeZone` of the map.'),
          expect: z
            .union([z.literal('last'), z.int().min(1), z.string().regex(/^\+\d+%$/, expectForms)], { error: expectForms })
            .describe(
              'Players to open copies for: a number such as 200; a share more than usual such as "+150%", and at least as many as came last time; or last, as many as came last time.',
            ),
          before: durationText.default('10m').describe('How long before the start the copies are opened.'),
        }),
      )
      .default([])
      .describe('Times when a crowd is expected. The orchestrator opens copies before it arrives and keeps them for 15 minutes after the start.'),
    timeZone: timeZone
      .default('UTC')
      .describe('Time zone of the schedules, such as "Europe/Berlin". A change of clocks moves no start: 18:00 stays 18:00 of that zone.'),
    neighbours: z
      .array(
        z.strictObject({
          map: dnsName.describe('The map on the other side.'),
          edge: z.enum(['north', 'east', 'south', 'west']).describe('The edge of this map that leads there.'),
        }),
      )
      .default([])
      .describe('Maps that players reach by walking over an edge of this map.'),
  }),
})

/** A checked document: values as written, with the defaults filled in. */
export type MapPolicyDocument = z.infer<typeof mapPolicySchema>
