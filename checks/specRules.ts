/** A rule as SPEC.md states it. */
export interface Rule {
  id: string
  sentence: string
  /** False under "Not yet": then no test may claim it. */
  held: boolean
}

/** A test's title with the rules it names: `S3, P1: parties storm …`. */
export interface Claim {
  file: string
  rules: string[]
  title: string
}

const RULE_LINE = /^- \*\*([A-Z]\d+)\*\* (.+)$/
/** A title directly behind a bracket, as in `it('S3: …'`, `it.each(rows)('S3: …'`, `describe('X1: …'`. */
const TITLE = /\(\s*(['"`])([A-Z]\d+(?:(?:, | and | )[A-Z]\d+)*): ([^\n]*?)\1/g
/** `it('S1: …'` that nobody runs proves nothing. */
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

/** Every rule has a test that names it, every test names a rule that there is. */
export function compareSpec(rules: readonly Rule[], tests: ReadonlyMap<string, string>): string[] {
  const problems: string[] = []
  const known = new Map<string, Rule>()
  for (const rule of rules) {
    if (known.has(rule.id)) problems.push(`SPEC.md: ${rule.id} stands there twice`)
    known.set(rule.id, rule)
  }
  const claimed = new Set<string>()
  for (const [file, text] of tests) {
    if (UNRUN.test(text)) problems.push(`${file}: has a test that is skipped, or runs alone; remove that, or the test`)
    for (const { rules: ids, title } of readClaims(file, text)) {
      for (const id of ids) {
        claimed.add(id)
        const rule = known.get(id)
        if (rule === undefined) problems.push(`${file}: "${title}" names ${id}, which SPEC.md does not know`)
        else if (!rule.held) problems.push(`${file}: "${title}" claims ${id}, which stands under "Not yet" in SPEC.md: move the rule up, or rename the test`)
      }
    }
  }
  for (const { id, held } of rules) if (held && !claimed.has(id)) problems.push(`SPEC.md: no test names ${id}; write one, or move the rule to "Not yet"`)
  return problems
}
