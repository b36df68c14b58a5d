import type { V1PodSpec } from '@kubernetes/client-node'
import type { GameServer } from '../standin/objects.ts'
import { DNS_IMAGE, SIDECAR_IMAGE } from './images.ts'
import { DNS_ADDRESS } from './network.ts'

const NAMESPACE = 'kube-system'
const dnsLabels = { 'k8s-app': 'kube-dns' }
const corefile = `.:53 {
  errors
  health
  ready
  kubernetes cluster.local in-addr.arpa
  cache 5
}
`
const account = { kind: 'ServiceAccount', name: 'coredns', namespace: NAMESPACE }
const rbac = 'rbac.authorization.k8s.io'

/** CoreDNS as a Deployment, with the Service that every pod's resolver names. */
const dns = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'coredns', namespace: NAMESPACE } },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRole',
    metadata: { name: 'coredns' },
    rules: [
      { apiGroups: [''], resources: ['services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'coredns' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'coredns' },
    subjects: [account],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace: NAMESPACE }, data: { Corefile: corefile } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: NAMESPACE },
    spec: {
      selector: dnsLabels,
      clusterIP: DNS_ADDRESS,
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: NAMESPACE },
    spec: {
      replicas: 1,
      selector: { matchLabels: dnsLabels },
      template: {
        metadata: { labels: dnsLabels },
        spec: {
          serviceAccountName: 'coredns',
          // The other node is lost and drained by the tests.
          nodeSelector: { 'kubernetes.io/hostname': 'node-a' },
          containers: [
            {
              name: 'coredns',
              image: DNS_IMAGE,
              imagePullPolicy: 'Never',
              args: ['-conf', '/etc/coredns/Corefile'],
              readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
              volumeMounts: [{ name: 'config', mountPath: '/etc/coredns' }],
            },
          ],
          volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
        },
      },
    },
  },
]

/** Rights of the SDK's sidecar, as Agones' installer creates them. */
const sdkRole = {
  apiVersion: `${rbac}/v1`,
  kind: 'ClusterRole',
  metadata: { name: 'agones-sdk' },
  rules: [{ apiGroups: ['agones.dev'], resources: ['gameservers'], verbs: ['get', 'list', 'watch', 'update', 'patch'] }],
}

/** A volume for the development overlay's PostgreSQL: kind and managed clusters make one for each claim. */
const volume = (path: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'postgres' },
  spec: {
    capacity: { storage: '2Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path, type: 'DirectoryOrCreate' },
    persistentVolumeReclaimPolicy: 'Retain',
  },
})

export const clusterObjects = (volumePath: string): object => ({ apiVersion: 'v1', kind: 'List', items: [...dns, sdkRole, volume(volumePath)] })

const SDK_GRPC_PORT = 9_357
const SDK_HTTP_PORT = 9_358

/** Adds the SDK's sidecar to a game server's pod. Only the sidecar gets a token of the account agones-sdk, as under Agones. */
export function addSidecar(spec: V1PodSpec, { metadata }: GameServer): V1PodSpec {
  const fromField = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } })
  const ports = [
    { name: 'AGONES_SDK_GRPC_PORT', value: String(SDK_GRPC_PORT) },
    { name: 'AGONES_SDK_HTTP_PORT', value: String(SDK_HTTP_PORT) },
  ]
  const sidecar = {
    name: 'agones-gameserver-sidecar',
    image: SIDECAR_IMAGE,
    imagePullPolicy: 'Never',
    restartPolicy: 'Always',
    env: [{ name: 'GAMESERVER_NAME', value: metadata.name }, fromField('POD_NAMESPACE', 'metadata.namespace'), fromField('HOST_IP', 'status.hostIP')],
    volumeMounts: [{ name: 'sdk-account', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }],
    resources: { requests: { cpu: '30m', memory: '64Mi' } },
  }
  const sources = [
    { serviceAccountToken: { path: 'token', expirationSeconds: 3_600 } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
  ]
  return {
    ...spec,
    serviceAccountName: 'agones-sdk',
    containers: spec.containers.map((container) => ({ ...container, env: [...(container.env ?? []), ...ports] })),
    initContainers: [sidecar, ...(spec.initContainers ?? [])],
    volumes: [...(spec.volumes ?? []), { name: 'sdk-account', projected: { defaultMode: 0o444, sources } }],
  }
}
