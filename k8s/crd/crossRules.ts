import { type CelRule, quoted } from './hints.ts'

const isShare = (path: string): string => `${path}.matches(${quoted('^\\d+(\\.\\d+)?%$')})`
const share = (path: string): string => `double(${path}.replace('%', ''))`

const number = '^[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?$'

/** CEL: `lower` is smaller than `upper`. True when one of them is not a share, because the pattern rule reports that. */
function shareBelow(lower: string, upper: string): string {
  return `!${isShare(lower)} || !${isShare(upper)} || ${share(lower)} < ${share(upper)}`
}

/**
 * CEL rules at `spec` that involve more than one field. The local loader has the same rules (model/policy/crossFields.ts), so that a policy that works on
 * one machine also works in a cluster. A message contains only texts of bounded length: a converted number has no bound that the API server knows,
 * and would exceed the cost limit of a rule.
 */
export const crossRules: readonly CelRule[] = [
  {
    rule: 'self.capacity.soft <= self.capacity.hard',
    message: 'must not be above capacity.hard: write the same number or less',
    fieldPath: '.capacity.soft',
  },
  {
    rule: 'self.copies.min <= self.copies.max',
    message: 'must not be above copies.max: write the same number or less',
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
    rule: 'self.fallbackFleets.all(one, one.fleet != self.fleet && self.fallbackFleets.exists_one(other, other.fleet == one.fleet))',
    message: 'a fleet is named twice: remove one',
    fieldPath: '.fallbackFleets',
  },
  {
    rule: 'self.placement.attributes.all(one, self.placement.attributes.exists_one(other, other.name == one.name))',
    message: 'an attribute is listed twice: remove one',
    fieldPath: '.placement.attributes',
  },
  {
    rule: `self.placement.attributes.all(one, !has(one.missing) || !(one.prefer in ['near', 'far']) || one.missing.matches(${quoted(number)}))`,
    message: 'write missing as a number in quotes, such as "1", for prefer: near and far',
    fieldPath: '.placement.attributes',
  },
  {
    rule: 'self.events.all(one, self.events.exists_one(other, other.name == one.name))',
    message: 'an event is listed twice: rename one',
    fieldPath: '.events',
  },
]
