import { type CelRule, quoted } from './hints.ts'

const isShare = (path: string): string => `${path}.matches(${quoted('^\\d+(\\.\\d+)?%$')})`
const share = (path: string): string => `double(${path}.replace('%', ''))`

const number = '^[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?$'

/** Both are shares, and the first is the smaller one; what is no share has its own message already. */
function shareBelow(lower: string, upper: string): string {
  return `!${isShare(lower)} || !${isShare(upper)} || ${share(lower)} < ${share(upper)}`
}

/**
 * What crosses fields, at `spec`. The local loader says the same in the same words (model/policy/crossFields.ts): what one
 * accepts and the other refuses would surprise on the way to production. Only texts of bounded length can be part of a message:
 * a number as text has no bound that the API server knows, and would exceed what it lets a rule cost.
 */
export const crossRules: readonly CelRule[] = [
  {
    rule: 'self.capacity.soft <= self.capacity.hard',
    message: 'must not be above capacity.hard: nobody gets in above that',
    fieldPath: '.capacity.soft',
  },
  {
    rule: 'self.copies.min <= self.copies.max',
    message: 'must not be above copies.max',
    fieldPath: '.copies.min',
  },
  {
    rule: shareBelow('self.merge.below', 'self.merge.into'),
    messageExpression: "'must be less than merge.into (' + self.merge.into + '), or merged copies would be merged again'",
    message: 'must be less than merge.into, or merged copies would be merged again',
    fieldPath: '.merge.below',
  },
  {
    rule: shareBelow('self.merge.below', 'self.merge.cancelAbove'),
    messageExpression: "'must be above merge.below (' + self.merge.below + '), or a closing copy would open again at once'",
    message: 'must be above merge.below, or a closing copy would open again at once',
    fieldPath: '.merge.cancelAbove',
  },
  {
    rule: 'self.placement.attributes.all(one, self.placement.attributes.exists_one(other, other.name == one.name))',
    message: 'name each attribute once',
    fieldPath: '.placement.attributes',
  },
  {
    rule: `self.placement.attributes.all(one, !has(one.missing) || !(one.prefer in ['near', 'far']) || one.missing.matches(${quoted(number)}))`,
    message: 'write missing as a number in quotes, such as "1", for prefer: near and far',
    fieldPath: '.placement.attributes',
  },
  {
    rule: `self.events.all(event, event.schedule.trim().matches(${quoted('^\\S+(\\s+\\S+){4}$')}))`,
    message: 'write five cron fields in every schedule: minute hour day month weekday, such as "0 */3 * * *"',
    fieldPath: '.events',
  },
]
