import type { Chart } from './chartRepository.ts'

/**
 * Takes the place of Agones' own chart, whose images cannot be pulled: it creates the account of the SDK's sidecars in each namespace for game servers, as that one does. The stand-in for
 * Agones' controllers runs as a process, and has created the CRDs.
 */
export const agonesChart = (version: string): Chart => ({
  name: 'agones',
  version,
  values: 'gameservers:\n  namespaces: [default]\n',
  templates: {
    'accounts.yaml': `{{- range .Values.gameservers.namespaces }}
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: agones-sdk, namespace: {{ . }} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: agones-sdk-access, namespace: {{ . }} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: agones-sdk }
subjects: [{ kind: ServiceAccount, name: agones-sdk, namespace: {{ . }} }]
{{- end }}
`,
  },
})
