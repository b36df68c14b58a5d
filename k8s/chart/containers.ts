import { asValue, type Value } from './expressions.ts'
import { objectsOf } from './sources.ts'

/** The pod template of an object; undefined when it has none. A Fleet keeps it one level deeper. */
export function podOf(object: Value): Value | undefined {
  return object['kind'] === 'Fleet' ? object['spec']?.['template']?.['spec']?.['template']?.['spec'] : object['spec']?.['template']?.['spec']
}

/** The first container in a file's pods. */
export function containerOf(file: string): Value {
  for (const object of objectsOf(file)) {
    const [container] = [...(podOf(object)?.['containers'] ?? [])]
    if (container !== undefined) return container
  }
  throw new Error(`${file} has no container`)
}

export const resourcesOf = (file: string): Value => asValue(containerOf(file)['resources'])
