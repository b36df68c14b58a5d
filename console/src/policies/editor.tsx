import { yaml } from '@codemirror/lang-yaml'
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint'
import { unifiedMergeView } from '@codemirror/merge'
import { Compartment, EditorState } from '@codemirror/state'
import { oneDark } from '@codemirror/theme-one-dark'
import { EditorView } from '@codemirror/view'
import { useComputedColorScheme } from '@mantine/core'
import { basicSetup } from 'codemirror'
import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react'
import { nonce } from '../api/nonce.ts'
import type { Problem } from './problems.ts'

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
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
          lintGutter(),
          linter((editor) => problemsOf(editor.state.doc.toString()).map((problem) => diagnostic(editor, problem)), { delay: 200 }),
          EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
          compare.of(comparing(compareWith)),
          theme.of(scheme === 'dark' ? oneDark : []),
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
  useEffect(() => view.current?.dispatch({ effects: parts.current.theme.reconfigure(scheme === 'dark' ? oneDark : []) }), [scheme])
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
