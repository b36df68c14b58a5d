import { CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node'
import { parse, stringify } from 'yaml'
import { StrataError } from '../../model/errors.ts'
import type { MapName } from '../../model/ids.ts'
import { statusCode, withDeadline } from '../../service/kubernetes/call.ts'
import { POLICY_GROUP, POLICY_VERSION, type PolicyObject, policyTarget } from '../../service/kubernetes/policyObject.ts'
import { nameOf, type PolicyObjects } from '../../service/kubernetes/policyObjects.ts'
import type { PolicyTexts } from './policyTexts.ts'

const CALL_TIMEOUT_MS = 5_000
/** A JSON Patch, because a merge would keep the fields that the new spec leaves out. */
const jsonPatch = setHeaderOptions('Content-Type', PatchStrategy.JsonPatch)

export interface PolicyObjectTextsOptions {
  config: KubeConfig
  namespace: string
  policies: Pick<PolicyObjects, 'validated'>
}

/** The policies of MapPolicy objects. Comments of the designer's file are not in the object, so they are not in the text. Objects are changed, and not made. */
export function policyObjectTexts({ config, namespace, policies }: PolicyObjectTextsOptions): PolicyTexts {
  const api = config.makeApiClient(CustomObjectsApi)
  const find = (map: MapName): PolicyObject | undefined => policies.validated().find(({ object }) => nameOf(object) === map)?.object
  return {
    async read(map) {
      const object = find(map)
      return object && textOf(map, object.spec)
    },
    async write(map, text, before) {
      const object = find(map)
      if (object === undefined || textOf(map, object.spec) !== before) throw new StrataError('POLICY_CHANGED', { map })
      const { spec } = parse(text) as { spec: unknown } // the route has validated it
      const body = [
        { op: 'test', path: '/metadata/resourceVersion', value: object.metadata?.resourceVersion },
        { op: 'replace', path: '/spec', value: spec },
      ]
      await withDeadline(api.patchNamespacedCustomObject({ ...policyTarget(namespace, map), body }, jsonPatch), CALL_TIMEOUT_MS).catch((error: unknown) => {
        // 422: the resource version is another one.
        const code = statusCode(error)
        if (code === 409 || code === 422 || code === 404) throw new StrataError('POLICY_CHANGED', { map }, { cause: error })
        throw new StrataError('DEPENDENCY_DOWN', { what: 'The Kubernetes API' }, { cause: error })
      })
    },
  }
}

function textOf(map: MapName, spec: unknown): string {
  return stringify({ apiVersion: `${POLICY_GROUP}/${POLICY_VERSION}`, kind: 'MapPolicy', metadata: { name: map }, spec })
}
