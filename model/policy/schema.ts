import { z } from 'zod'
import { durationText, percentText } from './units.ts'

const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'use lower-case letters, digits and dashes, at most 63')
const people = z.int().min(0)
const warmForms = 'write "auto", a number of copies, or a share such as "20%"'
const weight = z.number().min(0).max(100)

/** What a game knows of a character beyond guild and language: level, skill, faction … (`attributes` of `POST /v1/login`, `Store.describe`). */
const attribute = z
  .strictObject({
    name: dnsName.describe('The attribute, as the game sets it on a character.'),
    prefer: z
      .enum(['near', 'far', 'same', 'different'])
      .describe('near, far: numbers, by their distance; same: categories, cluster; different: categories, diversify.'),
    range: z.number().positive().default(10).describe('near, far: numbers this far apart are as far as can be.'),
    weight: weight.default(1).describe('As in placement.weights; 0 leaves it out.'),
    missing: z
      .string({ error: 'write a text, numbers in quotes: "1"' })
      .max(64)
      .optional()
      .describe('Taken for characters without the attribute. Left out: they get 0 from it everywhere, and do not count for others.'),
  })
  .describe('One attribute of characters that draws them together, or apart.')

/** What designers write (DESIGN §5): one document a map. Unknown keys are refused everywhere. */
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
    kind: z.enum(['zone', 'instance']).default('zone').describe('zone: layered copies for everybody; instance: private to a party.'),
    capacity: z
      .strictObject({
        soft: z.int().min(1).describe('Strangers are placed up to here.'),
        hard: z.int().min(1).describe('Nobody gets in above it, whatever happens.'),
        company: people.default(15).describe('Seats above soft for party, friends and guild (never above hard).'),
        headroom: z
          .strictObject({
            likely: percentText
              .default('25%')
              .describe('How many of the friends and guild-mates online elsewhere are thought to come; the party counts whole.'),
            halfLife: durationText.default('5m').describe('Who has not come after this long counts half.'),
          })
          .prefault({})
          .describe('Seats kept for company that is online elsewhere: strangers stop at hard less these, if that is below soft. At most `company` seats.'),
      })
      .describe('How many characters one copy holds.'),
    copies: z
      .strictObject({
        min: z
          .int()
          .min(0)
          .default(0)
          .describe('This many are open even when nobody is there. 0: a map that hardly anybody visits sleeps; whoever comes waits for a copy.'),
        max: z.int().min(1).default(200).describe('Never more than this many, whatever comes: people wait in line then.'),
        warm: z
          .union([z.literal('auto'), z.int().min(0), z.string().regex(/^\d+(\.\d+)?%$/, warmForms)], { error: warmForms })
          .default('auto')
          .describe('Spare copies ahead of need: auto (forecast), a number, or a share of the open ones.'),
      })
      .prefault({}),
    open: z
      .strictObject({
        above: percentText.default('100%').describe('Open another copy when the seats taken exceed this share of all soft seats.'),
        patience: durationText.default('1m').describe('Room for company is made when it has been short for this long; seats for everybody are there at once.'),
        leadTime: durationText.default('30s').describe('How far ahead growth is looked at: decision to open room, server start included.'),
      })
      .prefault({}),
    merge: z
      .strictObject({
        below: percentText.default('80%').describe('A copy filled less than this (of soft) may be merged away.'),
        into: percentText.default('98%').describe('The receiving copies may not be fuller than this (of soft) afterwards.'),
        minAge: durationText.default('10m').describe('Younger copies are left alone.'),
        cancelAbove: percentText.default('100%').describe('A closing copy that fills above this share of soft opens again.'),
        patience: durationText.default('45m').describe('So long people leave a closing copy by themselves, before they are moved.'),
        rest: people.default(2).describe('So few, left in a closing copy, are moved before its patience ends.'),
        deadline: durationText.default('1h').describe('From closing to moving even busy players.'),
      })
      .prefault({}),
    moves: z
      .strictObject({
        perMinute: z.int().min(1).default(60).describe('Moves that the orchestrator may start per minute on this map.'),
        perPlayerEvery: durationText.default('30m').describe('Nobody is moved against their will twice within this.'),
        reunite: z
          .number()
          .min(0)
          .max(60)
          .default(0.03)
          .describe('Moves an hour, for each player on the map, that bring people to where their guild is; 0: only closing copies move anybody.'),
        hopCooldown: z
          .strictObject({
            first: durationText.default('1m').describe('The wait after the first hop.'),
            factor: z.number().min(1).default(2).describe('How much longer it gets with each further hop.'),
            max: durationText.default('1h').describe('It never gets longer than this.'),
            forget: durationText.default('6h').describe('Without a hop for this long, it begins anew.'),
          })
          .prefault({})
          .describe('Choosing a copy by hand: the wait grows by factor with each hop and is forgotten after a while.'),
      })
      .prefault({}),
    placement: z
      .strictObject({
        weights: z
          .strictObject({
            friends: weight.default(46.5).describe('Friends in the copy; ten count full, 0 leaves them out.'),
            guild: weight.default(62).describe('Guild-mates in the copy; fifteen or more count full.'),
            language: weight.default(22.5).describe('How many there speak the same language, and whether a copy of one language stays one.'),
            familiar: weight.default(1).describe('People met lately.'),
            occupancy: weight.default(0).describe('The fuller, the better, up to soft: nobody likes an empty world.'),
            room: weight
              .default(45)
              .describe(
                'Less in a copy that is crowded (from 78 % of soft on), least where guilds are, and for who has nobody inside: guilds keep seats to grow.',
              ),
            latency: weight.default(10).describe("The nearer the server's region, by what the client measured; nothing where nothing was measured."),
          })
          .prefault({})
          .describe('Relative weights of signals that are each 0..1; 0 disables one. The party always goes first.'),
        friends: z
          .enum(['first', 'weighed'])
          .default('weighed')
          .describe('first: a friend outweighs everything but the party, which tears guilds apart; weighed: by placement.weights.friends.'),
        attributes: z
          .array(attribute)
          .max(8)
          .default([{ name: 'world', prefer: 'same', range: 10, weight: 15 }])
          .describe('What else draws people together, or apart; by default the world that they come from, where they have that attribute.'),
        maxLatency: durationText.optional().describe('Copies in regions that the client measured as farther away are out of the question.'),
        chooseCopy: z.boolean().default(false).describe('May players name a copy?'),
      })
      .prefault({}),
    queue: z
      .strictObject({
        max: z.int().min(0).default(5000).describe('More than this many waiting are refused at once.'),
        grace: durationText.default('2m').describe('A dropped connection keeps its place this long.'),
        classes: z.array(dnsName).min(1).default(['member']).describe('Priority classes, first served first.'),
        ageing: durationText.default('10m').describe('Each class stands behind the one before as if it had come this much later: nobody waits for ever.'),
        admit: z
          .strictObject({
            perSecond: z.number().positive().max(10_000).default(1_000).describe('So many people a second get seats out of the line, over all matchmakers.'),
            margin: people.default(0).describe('Seats per copy that the line leaves free, for whoever drops and comes back.'),
          })
          .prefault({}),
        idleRelease: z
          .union([z.literal('never'), durationText])
          .default('15m')
          .describe('Whoever has done nothing for so long gives up the seat while others wait in line; they are warned before. never: nobody does.'),
        share: z
          .enum(['none', 'guild'])
          .default('none')
          .describe('guild: seats of a contested map go to guilds in proportion to who is there and who waits, in order of arrival within each.'),
      })
      .prefault({}),
    instance: z
      .strictObject({
        closeAfter: durationText.default('5m').describe('An instance that is empty for this long closes; until then its party finds it as it was.'),
        perHour: z.int().min(1).max(1000).default(10).describe('So many new instances a party, and each of its members, may have opened in an hour.'),
      })
      .prefault({})
      .describe('Only kind instance.'),
    decisions: z.strictObject({ keep: durationText.default('7d').describe('How long decisions on this map are kept for explain.') }).prefault({}),
    seat: z.strictObject({ hold: durationText.default('15s').describe('How long a held seat waits for its client.') }).prefault({}),
    events: z
      .array(
        z.strictObject({
          name: dnsName.describe('What the event is called in decisions.'),
          schedule: z.string().describe('Cron, UTC: minute hour day month weekday.'),
          expect: z
            .string()
            .regex(/^\+\d+%$/, 'write the extra crowd such as "+150%"')
            .describe('How many more people than usual, such as "+150%".'),
          before: durationText.default('10m').describe('Copies are opened this long before.'),
        }),
      )
      .default([])
      .describe('Times when a crowd is expected. Checked, and not in force yet.'),
    neighbours: z
      .array(
        z.strictObject({
          map: dnsName.describe('The map on the other side.'),
          edge: z.enum(['north', 'east', 'south', 'west']).describe('The edge that leads there.'),
        }),
      )
      .default([])
      .describe('Maps that one walks into over an edge.'),
  }),
})

/** As written, defaults filled in. */
export type MapPolicyDocument = z.infer<typeof mapPolicySchema>
