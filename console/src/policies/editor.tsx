import { yaml } from '@codemirror/lang-yaml'
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint'
import { unifiedMergeView } from '@codemirror/merge'
import { Compartment, EditorState } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useComputedColorScheme } from '@mantine/core'
import { basicSetup } from 'codemirror'
import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react'
import { nonce } from '../api/nonce.ts'
import type { Problem } from './problems.ts'

/** Colours of the page's dark scheme. Each has a contrast of 4.5 to 1 and more. */
const dark = [
  EditorView.theme(
    {
      '&': { color: 'var(--mantine-color-text)', backgroundColor: 'var(--mantine-color-body)' },
      '.cm-gutters': { color: 'var(--mantine-color-dimmed)', backgroundColor: 'var(--mantine-color-body)', border: 'none' },
      '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--mantine-color-dark-6)' },
      '.cm-content': { caretColor: 'var(--mantine-color-text)' },
    },
    { dark: true },
  ),
  syntaxHighlighting(
    HighlightStyle.define([
      { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--mantine-color-cyan-4)' },
      { tag: tags.comment, color: 'var(--mantine-color-dimmed)' },
      { tag: [tags.string, tags.content], color: 'var(--mantine-color-text)' },
      { tag: [tags.keyword, tags.bool, tags.number], color: 'var(--mantine-color-orange-4)' },
    ]),
  ),
]

interface EditorProps {
  label: string
  /** The text at the start. Later changes come from the person only. */
  text: string
  /** Shows what differs from this text; undefined: shows the text alone. */
  compareWith: string | undefined
  readOnly: boolean
  problemsOf(text: string): Problem[]
  onChange(text: string): void
}

/** Edits YAML, marks problems while typing, and shows changes against another text. */
export function Editor({ label, text, compareWith, readOnly, problemsOf, onChange }: EditorProps): ReactNode {
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  const parts = useRef({ compare: new Compartment(), theme: new Compartment() })
  const scheme = useComputedColorScheme()
  const changed = useEffectEvent(onChange)
  const start = useEffectEvent((parent: HTMLElement) => {
    const { compare, theme } = parts.current
    return new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          basicSetup,
          yaml(),
          EditorView.cspNonce.of(nonce()),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
          lintGutter(),
          linter((editor) => problemsOf(editor.state.doc.toString()).map((problem) => diagnostic(editor, problem)), { delay: 200 }),
          EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
          compare.of(comparing(compareWith)),
          theme.of(scheme === 'dark' ? dark : []),
        ],
      }),
    })
  })
  useEffect(() => {
    if (box.current === null) return
    const made = start(box.current)
    view.current = made
    return () => made.destroy()
  }, [])
  useEffect(() => view.current?.dispatch({ effects: parts.current.compare.reconfigure(comparing(compareWith)) }), [compareWith])
  useEffect(() => view.current?.dispatch({ effects: parts.current.theme.reconfigure(scheme === 'dark' ? dark : []) }), [scheme])
  return <div ref={box} className="editor" />
}

function comparing(original: string | undefined) {
  return original === undefined ? [] : unifiedMergeView({ original, mergeControls: false })
}

function diagnostic({ state }: EditorView, { line, column, message }: Problem): Diagnostic {
  const at = state.doc.line(Math.min(Math.max(1, line), state.doc.lines))
  const from = Math.min(at.to, at.from + column - 1)
  return { from, to: at.to, severity: 'error', message }
}
