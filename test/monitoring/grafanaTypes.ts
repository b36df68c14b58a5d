import { join } from 'node:path'
import ts from 'typescript'
import { root } from '../k8s/manifests.ts'

/**
 * The types that Grafana publishes for its dashboards, generated from Grafana's own schema, as JSON has them: a text in place of an enum, no functions. The types of a
 * dashboard leave open what depends on the kind of panel and of data source; here all panels are time series over Prometheus.
 */
const declarations = `
import type { Dashboard, FieldConfig, FieldConfigSource, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import type { FieldConfig as LineConfig, Options } from '@grafana/grafana-foundation-sdk/timeseries'
type Json<T> = 0 extends 1 & T ? unknown
  : T extends string ? \`\${T}\`
  : T extends number | boolean | null | undefined ? T
  : T extends (infer E)[] ? Json<E>[]
  : { [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: Json<T[K]> }
type Fields = Omit<Json<FieldConfigSource>, 'defaults'> & { defaults: Omit<Json<FieldConfig>, 'custom'> & { custom: Json<LineConfig> } }
type TimeSeries = Omit<Json<Panel>, 'type' | 'options' | 'fieldConfig' | 'targets'> &
  { type: 'timeseries'; options: Json<Options>; fieldConfig: Fields; targets: Json<Dataquery>[] }
export const dashboard: Omit<Json<Dashboard>, 'panels'> & { panels: TimeSeries[] } =
`

const options: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  types: [],
}

/** What is wrong with each dashboard by these types; nothing for one that Grafana accepts. The values are those of the files. */
export function dashboardErrors(dashboards: ReadonlyMap<string, unknown>): Map<string, string[]> {
  const texts = new Map([...dashboards].map(([name, value]) => [join(root, `${name}.ts`), `${declarations}${JSON.stringify(value)}`]))
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (file) => texts.has(file) || fileExists(file)
  host.getSourceFile = (file, ...rest) => {
    const text = texts.get(file)
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, ts.ScriptTarget.ESNext)
  }
  const program = ts.createProgram({ rootNames: [...texts.keys()], options, host })
  const problems = [...program.getGlobalDiagnostics(), ...program.getOptionsDiagnostics()].map(textOf)
  return new Map(
    [...dashboards.keys()].map((name) => {
      const source = program.getSourceFile(join(root, `${name}.ts`))
      return [name, [...problems, ...program.getSyntacticDiagnostics(source).map(textOf), ...program.getSemanticDiagnostics(source).map(textOf)]]
    }),
  )
}

/** The message, and the field that it is about. */
function textOf({ messageText, file, start = 0, length = 0 }: ts.Diagnostic): string {
  return `${file?.text.slice(start, start + length).slice(0, 40) ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}
