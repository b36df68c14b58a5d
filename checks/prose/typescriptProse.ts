import ts from 'typescript'
import type { Block } from './block.ts'

type Token = { kind: ts.SyntaxKind; text: string }

/** Callees whose first argument people read: titles of tests, descriptions of policy fields and commands. */
const titled = new Set(['it', 'test', 'describe', 'each', 'description'])
/** Callees whose second argument people read: options and arguments of commands. */
const described = new Set(['option', 'argument', 'requiredOption'])

/** Shortest other text that is read as prose, in words: messages of errors, logs and commands. Shorter texts are mostly names and keys. */
const MIN_WORDS = 4

/** Comments, titles of tests, descriptions, helps of metrics and messages of the catalogue of errors. With `messages` also all other texts of some words. */
export function typescriptProse(text: string, file: string, messages = false): Block[] {
  const blocks: [number, number][][] = []
  let lastLineComment: { end: number; block: [number, number][] } | undefined
  for (const { kind, start, end, before } of tokens(text)) {
    if (kind === ts.SyntaxKind.MultiLineCommentTrivia) blocks.push(linesOfBlock(text, start, end))
    else if (kind === ts.SyntaxKind.SingleLineCommentTrivia) {
      const body = start + (/^\/\/+ ?/.exec(text.slice(start, end))?.[0].length ?? 2)
      const follows = lastLineComment !== undefined && /^\r?\n[ \t]*$/.test(text.slice(lastLineComment.end, start))
      const block = follows && lastLineComment !== undefined ? lastLineComment.block : []
      if (!follows) blocks.push(block)
      block.push([body, end])
      lastLineComment = { end, block }
    } else if (isText(kind) && isRead(before, file)) blocks.push([[start + 1, end - 1]])
    else if (messages && (isText(kind) || isTemplatePart(kind))) {
      const piece: [number, number] = [start + 1, end - (endsBeforeValue(kind) ? 2 : 1)]
      if (isSentence(text.slice(...piece))) blocks.push([piece])
    }
  }
  return blocks
}

function isText(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.StringLiteral || kind === ts.SyntaxKind.NoSubstitutionTemplateLiteral
}

/** Texts of several lines are SQL, YAML or whole screens. */
function isSentence(text: string): boolean {
  return !text.includes('\n') && (text.match(/[a-z]{2,}/gi)?.length ?? 0) >= MIN_WORDS
}

function isTemplatePart(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.TemplateTail || endsBeforeValue(kind)
}

/** Whether `${` ends this part of a template. */
function endsBeforeValue(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.TemplateHead || kind === ts.SyntaxKind.TemplateMiddle
}

function isRead(before: readonly Token[], file: string): boolean {
  const [third, second, first] = [before.at(-3), before.at(-2), before.at(-1)]
  if (first?.text === '(') return second?.text === ')' ? file.endsWith('.test.ts') : titled.has(second?.text ?? '')
  if (first?.text === ':') return second?.text === 'help' || (second?.text === 'message' && /model\/(player|operator)Errors\.ts$/.test(file))
  return first?.text === ',' && third?.text === '(' && described.has(before.at(-4)?.text ?? '')
}

/** The lines of a block comment without its marks and without the stars before them. */
function linesOfBlock(text: string, start: number, end: number): [number, number][] {
  const lines: [number, number][] = []
  let at = start
  for (const line of text.slice(start, end).split('\n')) {
    const from = /^(?:\/\*+ ?|\s*\*(?!\/) ?|\s*)/.exec(line)?.[0].length ?? 0
    const to = line.replace(/\s*\*+\/$/, '').length
    if (to >= from) lines.push([at + from, at + to])
    at += line.length + 1
  }
  return lines
}

/** All tokens and comments, each with the tokens before it. The scanner needs help where `/` and `}` have two meanings. */
function* tokens(text: string): Generator<{ kind: ts.SyntaxKind; start: number; end: number; before: readonly Token[] }> {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text)
  const before: Token[] = []
  /** For each open brace, whether it belongs to a template. */
  const braces: boolean[] = []
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind === ts.SyntaxKind.SlashToken && startsRegex(before.at(-1))) kind = scanner.reScanSlashToken()
    if (kind === ts.SyntaxKind.CloseBraceToken && braces.pop() === true) kind = scanner.reScanTemplateToken(false)
    if (kind === ts.SyntaxKind.OpenBraceToken) braces.push(false)
    if (kind === ts.SyntaxKind.TemplateHead || kind === ts.SyntaxKind.TemplateMiddle) braces.push(true)
    yield { kind, start: scanner.getTokenStart(), end: scanner.getTokenEnd(), before }
    if (kind >= ts.SyntaxKind.FirstTriviaToken && kind <= ts.SyntaxKind.LastTriviaToken) continue
    before.push({ kind, text: scanner.getTokenText() })
    if (before.length > 4) before.shift()
  }
}

function startsRegex(previous: Token | undefined): boolean {
  if (previous === undefined) return true
  if (previous.kind >= ts.SyntaxKind.FirstReservedWord && previous.kind <= ts.SyntaxKind.LastReservedWord) return previous.text !== 'this'
  return !(previous.kind === ts.SyntaxKind.Identifier || previous.kind <= ts.SyntaxKind.LastLiteralToken || /^[)\]}]$/.test(previous.text))
}
