import type { TxtNode, TxtParentNode } from '@textlint/ast-node-types'
import type { TextlintRuleContext, TextlintRuleReporter } from '@textlint/types'
import { split } from 'sentence-splitter'
import { outside, type Phrase, phrases, synonyms } from './phrases.ts'

/** Longer sentences have more than one thought. */
const MAX_WORDS = 45

export const rules: Record<string, TextlintRuleReporter> = {
  'plain-words': refuse(phrases, 'say it in plain words'),
  glossary: refuse(synonyms, 'use the word of the glossary'),
  'inside-the-repository': refuse(outside, 'refer to what readers have'),
  'short-sentences': (context) =>
    eachParagraph((node) => {
      const text = proseOf(node)
      if (wordsOf(text) <= MAX_WORDS) return
      for (const sentence of split(text)) {
        const words = sentence.type === 'Sentence' ? wordsOf(sentence.raw) : 0
        if (words > MAX_WORDS) report(context, node, sentence.range[0], `a sentence of ${words} words: make two, ${MAX_WORDS} words are the limit`)
      }
    }),
}

function refuse(list: readonly Phrase[], why: string): TextlintRuleReporter {
  const wide = list.map(({ avoid, write }) => ({ avoid: new RegExp(avoid.source.replaceAll(' ', ' +'), avoid.flags), write }))
  return (context) =>
    eachParagraph((node) => {
      const text = proseOf(node)
      for (const { avoid, write } of wide) {
        const found = avoid.exec(text)
        if (found !== null) report(context, node, found.index, `"${found[0].replaceAll(/\s+/g, ' ')}": ${why}: ${write}`)
      }
    })
}

function eachParagraph(look: (node: TxtParentNode) => void) {
  return { Paragraph: look, Header: look, TableCell: look }
}

function report(context: TextlintRuleContext, node: TxtNode, index: number, message: string): void {
  context.report(node, new context.RuleError(message, { padding: context.locator.at(index) }))
}

/** The paragraph without its markup, at the same offsets: code becomes one word, marks and line breaks become spaces. */
function proseOf(paragraph: TxtParentNode): string {
  const text = Array.from(paragraph.raw, () => ' ').join('')
  const [from] = paragraph.range
  const parts: string[] = []
  let end = 0
  for (const leaf of leaves(paragraph)) {
    const start = leaf.range[0] - from
    const length = leaf.range[1] - leaf.range[0]
    parts.push(text.slice(end, start), leaf.type === 'Str' ? leaf.raw.replaceAll(/\s/g, ' ') : 'x'.repeat(length))
    end = start + length
  }
  return parts.join('') + text.slice(end)
}

function* leaves(node: TxtParentNode): Generator<TxtNode> {
  for (const child of node.children) {
    if (child.type === 'Str' || child.type === 'Code') yield child
    else if ('children' in child) yield* leaves(child)
  }
}

function wordsOf(text: string): number {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’._-]*/gu)?.length ?? 0
}
