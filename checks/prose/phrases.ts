/** A wording to avoid, and what to write in its place. */
export interface Phrase {
  avoid: RegExp
  write: string
}

/** Wordings that readers who are not native speakers have to decode. Each expression is matched against one paragraph, and a space matches any white space. */
export const phrases: readonly Phrase[] = [
  { avoid: /\bwho(?:so)?ever\b|\bwhomever\b/i, write: 'the noun: "a player who …", "each client that …"' },
  { avoid: /\bwhat came\b/i, write: 'the noun: "the result", "the answer", "the message"' },
  { avoid: /\bso (?:few|many)\b(?!\s+(?:\w+\s+){1,2}that\b)/i, write: 'the number, or "this many" with the noun' },
  { avoid: /\bof (?:those|these) (?:who|that|which)\b/i, write: 'the noun, as the subject of the sentence' },
  { avoid: /\b(?:of|for|by|from|to) (?:those|them) who\b|\bthose who\b/i, write: 'the noun: "players who …"' },
  { avoid: /\bsuch an? one\b|\bsuch ones\b/i, write: 'the noun again' },
  { avoid: /\b(?:is|are|was|were|be|been) told\b/i, write: '"receives", "gets", "is logged", with the subject' },
  { avoid: /\b(?:is|are|was|were|be|been) heard\b/i, write: '"arrives", "receives", "reports"' },
  { avoid: /\bfor ever\b|\bforever\b/i, write: 'a number, or "without limit"' },
  { avoid: /\bby and by\b/i, write: '"gradually"' },
  { avoid: /\bof (?:that|which|whom) (?:nobody|nothing|no one)\b/i, write: 'the subject first: "nobody knows …"' },
  { avoid: /\bnobody else's\b|\bnobody's\b/i, write: '"has no owner", "belongs to no …"' },
  { avoid: /\b(?:is|are|was|were) (?:nothing|something) to\b/i, write: 'what the code does: "ignores", "counts"' },
  { avoid: /\bfor so long\b|\bwithin so long\b|\bevery so (?:often|long)\b/i, write: 'the unit and the reason: "for this many milliseconds, because …"' },
  { avoid: /\bwhat became of\b|\bwhat comes of\b|\bwhatever becomes? of\b/i, write: '"the result of"' },
  { avoid: /\bthe (?:release|releases|round|page|step|build) before\b/i, write: '"the previous release"' },
  { avoid: /\b(?:profile|state|text|parties) of (?:before|now)\b/i, write: '"the previous profile", "the present parties"' },
  { avoid: /\b(?:says?|said) (?:something|anything) else\b/i, write: '"differs from"' },
  { avoid: /\b(?:comes?|came|coming) in\b(?! (?:order|pages|bursts|turn|one|two|several)\b)/i, write: '"enters", "arrives"' },
  { avoid: /\bmend(?:s|ed|ing)?\b/i, write: '"fixes", "corrects"' },
  { avoid: /\bto blame\b/i, write: 'the cause, as the subject: "the line that caused the refusal"' },
  { avoid: /\bstands? (?:only )?(?:in(?! (?:line|for|front)\b)|under|between)\b/i, write: '"is in", "is between"' },
  {
    avoid: /\bwords? (?:of|from|to|about) (?:a |the )?(?:matchmaker|server|directory|process|player|change)s?\b|\bdirectory's word\b/i,
    write: '"message", "event"',
  },
  { avoid: /, should (?:both|it|he|she|they|one|somebody)\b/i, write: '"if …"' },
  { avoid: /[.:;,] who (?:is|has|was|does|did) (?:not?|already)\b/i, write: 'the noun: "a character that is not listed …"' },
  { avoid: /\bit is (?:not )?(?:he|she|they|somebody|nobody) who\b/i, write: 'the subject first' },
  { avoid: /\b(?:doorbell|farewell|overheard|eavesdrop\w*|diary|troop)\b/i, write: 'the term of the field: "wake-up", "shutdown", "recorded", "log", "group"' },
  { avoid: /\bwhat(?: it| they| he| she|ever)? (?:said|says|says of itself)\b/i, write: '"the report", "the output", "the answer"' },
  { avoid: /\bas (?:dear|cheap) as\b|\bdearest\b/i, write: '"expensive", "costs"' },
  { avoid: /\bthereby\b|\bwherein\b|\bwhereof\b|\bthereof\b|\bhence\b|\banew\b|\bmeanwhile\b.*\bmeanwhile\b/i, write: '"again", "so", or two sentences' },
]

/** Words that are not the glossary's (docs/explanation/design.md). Only those that cannot mean anything else here. */
export const synonyms: readonly Phrase[] = [
  { avoid: /\bshards?\b|\bsharded\b/i, write: '"copy"' },
  { avoid: /\bwait(?:ing)?(?: |-)?lists?\b|\bwaiting rooms?\b/i, write: '"line"' },
  { avoid: /\b(?:seat|slot) reservations?\b|\bplayer slots?\b/i, write: '"seat"' },
  { avoid: /\bteleport(?:s|ed|ing|ation)?\b|\bplayer migrations?\b|\bmigrat(?:e|es|ed|ing) (?:players?|characters?|parties)\b/i, write: '"move"' },
]

/** References that lead out of the repository. The traces are data: the simulator looks there for a recorded day, and generates one where none is. */
export const outside: readonly Phrase[] = [
  {
    avoid: /\bDESIGN(?:\.md)?\s*§|\bSTYLE\.md\b|\bTARGETS\.md\b|\.\.\/shared\b(?!\/traces\/)/,
    write: 'the thing itself, or a link to docs/explanation/design.md',
  },
  { avoid: /(?<![\w/.-])notes\/[\w-]+/, write: 'the thing itself, or a link into docs/' },
]
