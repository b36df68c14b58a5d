import { stringify } from 'yaml'

/** Places in an object where a template of Helm stands instead of a value. `stringify` writes them as quoted strings; `templateText` replaces those. */

/** The result of an expression, such as `.Values.image.tag | quote`. */
export const expression = (text: string): string => `@@${text}@@`
/** A whole mapping from the values. */
export const mapping = (path: string): string => `@@yaml ${path}@@`
/** The last item of a list: all items of a list in the values. */
export const items = (path: string): string => `@@items ${path}@@`

/** Any value of a manifest, read by path without types: the API server checks the types. */
export type Value = { [key: string]: Value } & Value[] & string
export const asValue = (value: unknown): Value => value as Value // see above

export function templateText(object: unknown): string {
  return stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })
    .replaceAll(/^( *)- "@@items (.+?)@@"$/gm, (_all, indent: string, path: string) => block(indent, `with ${path}`, `toYaml . | nindent ${indent.length}`))
    .replaceAll(
      /^( *)(\S+): "@@yaml (.+?)@@"$/gm,
      (_all, indent: string, key: string, path: string) => `${indent}${key}:\n${indent}  {{- toYaml ${path} | nindent ${indent.length + 2} }}`,
    )
    .replaceAll(/(["'])@@(.+?)@@\1/g, (_all, _quote, text: string) => `{{ ${text} }}`)
}

function block(indent: string, condition: string, text: string): string {
  return `${indent}{{- ${condition} }}\n${indent}{{- ${text} }}\n${indent}{{- end }}`
}

/** Makes documents depend on a value. */
export function when(condition: string, text: string): string {
  return `{{- if ${condition} }}\n${text.trimEnd()}\n{{- end }}\n`
}
