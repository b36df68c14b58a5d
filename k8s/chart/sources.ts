import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { asValue, type Value } from './expressions.ts'

const root = resolve(import.meta.dirname, '../..')
const PART_OF = { 'app.kubernetes.io/part-of': 'strata' }

/** The objects of a file of k8s/ or fleets/, with the label that k8s/base/kustomization.yaml gives each of its objects. */
export function objectsOf(file: string): Value[] {
  return parseAllDocuments(readFileSync(join(root, file), 'utf8'), { version: '1.1' }).map((document) => {
    const object = asValue(document.toJS())
    label(object['metadata'])
    const template = object['spec']?.['template']
    // Kustomize labels the pods of Kubernetes' own kinds. A Fleet has the label in its file.
    if (template !== undefined && object['kind'] !== 'Fleet') label(template['metadata'])
    return object
  })
}

function label(metadata: Value | undefined): void {
  if (metadata !== undefined) metadata['labels'] = asValue(Object.assign({}, metadata['labels'], PART_OF))
}

export const version = (parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
