import { z } from 'zod'
import { durationText, percentText } from './units.ts'

const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'use lower-case letters, digits and dashes, at most 63')
const people = z.int().min(0)
const warmForms = 'write "auto", a number of copies, or a share such as "20%"'
const weight = z.number().min(0).max(100)

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
      })
      .describe('How many characters one copy holds.'),
    copies: z
      .strictObject({
        min: z.int().min(0).default(1).describe('This many are open even when nobody is there.'),
        max: z.int().min(1).default(200).describe('Never more than this many, whatever comes: people wait in line then.'),
        warm: z
          .union([z.literal('auto'), z.int().min(0), z.string().regex(/^\d+(\.\d+)?%$/, warmForms)], { error: warmForms })
          .default('auto')
          .describe('Spare copies ahead of need: auto (forecast), a number, or a share of the open ones.'),
      })
      .prefault({}),
    open: z
      .strictObject({
        above: percentText.default('75%').describe('Open another copy when the seats taken exceed this share of all soft seats.'),
        leadTime: durationText.default('30s').describe('How far ahead growth is looked at: decision to open room, server start included.'),
      })
      .prefault({}),
    merge: z
      .strictObject({
        below: percentText.default('40%').describe('A copy filled less than this (of soft) may be merged away.'),
        into: percentText.default('85%').describe('The receiving copies may not be fuller than this (of soft) afterwards.'),
        minAge: durationText.default('10m').describe('Younger copies are left alone.'),
        cancelAbove: percentText.default('55%').describe('A closing copy that fills above this share of soft opens again.'),
        deadline: durationText.default('15m').describe('From closing to moving even busy players.'),
      })
      .prefault({}),
    moves: z
      .strictObject({
        perMinute: z.int().min(1).default(60).describe('Moves that the orchestrator may start per minute on this map.'),
        perPlayerEvery: durationText.default('30m').describe('Nobody is moved against their will twice within this.'),
        hopCooldown: z
          .strictObject({
            first: durationText.default('1m').describe('The wait after the first hop.'),
            factor: z.number().min(1).default(2).describe('How much longer it gets with each further hop.'),
            max: durationText.default('1h').describe('It never gets longer than this.'),
            forget: durationText.default('6h').describe('Without a hop for this long, it begins anew.'),
          })
          .prefault({})
          .describe('Choosing a copy by hand: the wait grows by factor with each hop and is forgotten after a while. Checked, and not in force yet.'),
      })
      .prefault({}),
    placement: z
      .strictObject({
        weights: z
          .strictObject({
            friends: weight.default(4).describe('Friends come before all other weights; 0 leaves them out.'),
            guild: weight.default(3).describe('Share of the guild-mates on the map who are in this copy.'),
            language: weight.default(2).describe('Share of the copy that speaks the same language.'),
            familiar: weight.default(1).describe('People met lately.'),
            occupancy: weight.default(1).describe('The fuller, the better, up to soft: nobody likes an empty world.'),
          })
          .prefault({})
          .describe('Relative weights of signals that are each 0..1; 0 disables one. The party always goes first.'),
        chooseCopy: z.boolean().default(false).describe('May players name a copy?'),
      })
      .prefault({}),
    queue: z
      .strictObject({
        max: z.int().min(0).default(5000).describe('More than this many waiting are refused at once.'),
        grace: durationText.default('2m').describe('A dropped connection keeps its place this long.'),
        classes: z.array(dnsName).min(1).default(['member']).describe('Priority classes, first served first.'),
      })
      .prefault({}),
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
