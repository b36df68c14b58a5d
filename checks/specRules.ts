/** One rule of SPEC.md. */
export interface Rule {
  id: string
  sentence: string
  /** False for a rule under "Not yet": no test may name it. */
  held: boolean
}

/** The title of a test that names rules, such as `S3, P1: parties enter at once`. */
export interface Claim {
  file: string
  rules: string[]
  title: string
}

const RULE_LINE = /^- \*\*([A-Z]\d+)\*\* (.+)$/
/** A title directly after an opening parenthesis, as in `it('S3: …'`, `it.each(rows)('S3: …'` and `describe('X1: …'`. */
const TITLE = /\(\s*(['"`])([A-Z]\d+(?:(?:, | and | )[A-Z]\d+)*): ([^\n]*?)\1/g
/** Tests that do not run, or keep others from running. */
const UNRUN = /\b(?:it|test|describe)\.(?:skip|todo|only|fails)\(/

export function readRules(spec: string): Rule[] {
  const rules: Rule[] = []
  let held = true
  for (const line of spec.split('\n')) {
    if (line.startsWith('## ')) held = !/^## Not yet/.test(line)
    const [, id, sentence] = RULE_LINE.exec(line) ?? []
    if (id !== undefined && sentence !== undefined) rules.push({ id, sentence, held })
  }
  return rules
}

export function readClaims(file: string, text: string): Claim[] {
  const code = text.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
  return [...code.matchAll(TITLE)].map(([, , rules = '', title = '']) => ({ file, rules: rules.split(/, | and | /), title }))
}

/** Problems where a rule has no test, or a test names a rule that SPEC.md does not have. */
export function compareSpec(rules: readonly Rule[], tests: ReadonlyMap<string, string>): string[] {
  const problems: string[] = []
  const known = new Map<string, Rule>()
  for (const rule of rules) {
    if (known.has(rule.id)) problems.push(`SPEC.md: ${rule.id} is defined twice; remove one`)
    known.set(rule.id, rule)
  }
  const claimed = new Set<string>()
  for (const [file, text] of tests) {
    if (UNRUN.test(text)) problems.push(`${file}: a test is marked skip, todo, only or fails; remove the mark or the test`)
    for (const { rules: ids, title } of readClaims(file, text)) {
      for (const id of ids) {
        claimed.add(id)
        const rule = known.get(id)
        if (rule === undefined) problems.push(`${file}: "${title}" names ${id}, which is not in SPEC.md`)
        else if (!rule.held) problems.push(`${file}: "${title}" names ${id}, which is under "Not yet" in SPEC.md: move the rule up, or rename the test`)
      }
    }
  }
  for (const { id, held } of rules) if (held && !claimed.has(id)) problems.push(`SPEC.md: no test names ${id}; write one, or move the rule to "Not yet"`)
  return problems
}
