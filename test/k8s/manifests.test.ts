import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FORCED_MOVES_MS } from '../../model/server.ts'
import { AUTOSCALER_PATH } from '../../orchestrator/admin/autoscaler.ts'
import {
  documents,
  everyValue,
  labelled,
  type Manifest,
  manifestsIn,
  manifestsOf,
  patchFiles,
  podsOf,
  portNames,
  root,
  selects,
  sourcesOf,
  textOf,
  type Value,
  yamlFiles,
} from './manifests.ts'

const overlays: Record<string, Manifest[]> = {
  base: manifestsOf('k8s/base'),
  dev: manifestsOf('k8s/overlays/dev'),
  prod: manifestsOf('k8s/overlays/prod'),
  'base with a gateway': [...manifestsOf('k8s/base'), ...manifestsOf('k8s/components/gateway')],
}
const named = (manifests: readonly Manifest[], kind: string): string[] => manifests.filter((one) => one.kind === kind).map(({ name }) => name)

/** Secrets that k8s/keys.sh or the tutorial's commands create. */
const secrets = [
  ...[...textOf('k8s/keys.sh').matchAll(/secret (strata-[a-z-]+) create/g)].map(([, name]) => name),
  ...[...textOf('docs/tutorial/cluster.md').matchAll(/create secret (?:generic|tls) (strata-[a-z-]+)/g)].map(([, name]) => name),
]

/** All upper-case words in the sources of a house and `service/`; the names of its settings are among them. */
function settingsOf(house: string): Set<string> {
  return new Set(sourcesOf(house, 'service').match(/\b[A-Z][A-Z_]+\b/g))
}

describe('manifests', () => {
  it('every YAML file is valid and each of its documents has an apiVersion and a kind', () => {
    for (const file of yamlFiles()) {
      for (const document of documents(file)) {
        if (!file.endsWith('.values.yaml') && !Array.isArray(document)) expect([document['apiVersion'], document['kind']], file).not.toContain(undefined)
      }
    }
  })

  it('every file is part of a kustomization, except the policies, which designers apply', () => {
    const folders = yamlFiles()
      .filter((file) => file.endsWith('kustomization.yaml'))
      .map((file) => join(file, '..'))
    const taken = new Set(
      folders.flatMap((folder) => [...manifestsOf(folder).map(({ file }) => file), ...patchFiles(folder), join(folder, 'kustomization.yaml')]),
    )
    const rest = yamlFiles().filter((file) => !taken.has(file) && !file.endsWith('.values.yaml'))
    expect(rest.flatMap(manifestsIn).map(({ kind }) => kind)).toEqual(Array(rest.length).fill('MapPolicy'))
  })

  it('no manifest contains a Secret', () => {
    for (const file of yamlFiles())
      expect(
        manifestsIn(file).map(({ kind }) => kind),
        file,
      ).not.toContain('Secret')
  })

  it('every referenced ConfigMap, Secret, service account and priority class exists', () => {
    for (const [overlay, manifests] of Object.entries(overlays)) {
      for (const { of, spec } of podsOf(manifests)) {
        const from = (key: string, field: string): (string | undefined)[] => everyValue(spec, key).map((one) => one[field])
        const where = `${overlay} ${of.kind}/${of.name}`
        for (const name of [...from('configMapRef', 'name'), ...from('configMapKeyRef', 'name')]) expect(named(manifests, 'ConfigMap'), where).toContain(name)
        for (const name of [...from('secretRef', 'name'), ...from('secretKeyRef', 'name'), ...everyValue(spec, 'secretName'), ...from('secret', 'name')])
          if (name !== undefined) expect(secrets, where).toContain(name)
        for (const name of everyValue(spec, 'serviceAccountName')) expect(named(manifests, 'ServiceAccount'), where).toContain(name)
        for (const name of everyValue(spec, 'priorityClassName')) expect(named(manifests, 'PriorityClass'), where).toContain(name)
        const mounts = everyValue(spec, 'volumeMounts').flatMap((all) => [...all].map((mount) => mount['name']))
        const volumes = [
          ...(spec['volumes'] ?? []),
          ...everyValue(of.object, 'volumeClaimTemplates').flatMap((all) => [...all].map((claim) => claim['metadata'] as Value)),
        ]
        expect(
          mounts.filter((mount) => !volumes.some((volume) => volume['name'] === mount)),
          where,
        ).toEqual([])
      }
    }
  })

  it('each process has a Secret of connections that no other process has, and only the Job that migrates has the owner of the database', () => {
    const connections = podsOf(manifestsOf('k8s/base')).map(({ of, spec }) => [of.name, everyValue(spec, 'secretRef').map((one) => one['name'])])
    expect(Object.fromEntries(connections)).toEqual({
      'strata-migrate': ['strata-migrate'],
      'strata-orchestrator': ['strata-orchestrator-connections'],
      'strata-matchmaker': ['strata-matchmaker-connections'],
      overworld: ['strata-gameserver-connections'],
    })
  })

  it('every selector matches pods, and every referenced port is a port of these pods', () => {
    for (const [overlay, manifests] of Object.entries(overlays)) {
      const pods = podsOf(manifests)
      for (const { kind, name, object } of manifests) {
        const spec = object['spec'] ?? ({} as Value)
        const where = `${overlay} ${kind}/${name}`
        const selector = {
          Service: labelled(spec['selector']),
          Deployment: spec['selector'],
          StatefulSet: spec['selector'],
          PodDisruptionBudget: spec['selector'],
          NetworkPolicy: spec['podSelector'],
          PodMonitor: spec['selector'],
        }[kind]
        if (selector === undefined) continue
        const selected = pods.filter((pod) => selects(selector, pod))
        expect(selected.length, where).toBeGreaterThan(0)
        const wanted = {
          Service: [...(spec['ports'] ?? [])].map((port) => port['targetPort']),
          NetworkPolicy: [...(spec['ingress'] ?? [])].flatMap(({ ports }) => [...(ports ?? [])].map(({ port }) => port)),
          PodMonitor: [...(spec['podMetricsEndpoints'] ?? [])].map(({ port }) => port),
        }[kind]
        // A Fleet's ports are in its GameServer template, one level above the pod's.
        const known = selected.flatMap((pod) => [...portNames(pod), ...everyValue(pod.of.object, 'containerPort')])
        for (const port of wanted ?? []) expect(known, where).toContain(port)
      }
      for (const reference of manifests.flatMap(({ object }) => everyValue(object, 'scaleTargetRef')))
        expect(named(manifests, reference['kind'] ?? ''), overlay).toContain(reference['name'])
    }
  })

  it('every pod drops all privileges and has resource requests and probes', () => {
    for (const [overlay, manifests] of Object.entries(overlays)) {
      for (const { of, spec, containers } of podsOf(manifests)) {
        const where = `${overlay} ${of.kind}/${of.name}`
        expect(spec['securityContext'], where).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } })
        for (const container of containers) {
          expect(container['securityContext'], where).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          })
          expect(container['resources'], where).toMatchObject({
            requests: { cpu: expect.anything(), memory: expect.anything() },
            limits: { memory: expect.anything() },
          })
          // A Job ends by itself, and nothing sends it requests.
          if (of.kind === 'Job') continue
          expect(container['readinessProbe'], where).toBeDefined()
          // Agones checks the health of game servers itself.
          if (of.file.startsWith('k8s/base')) expect(container['livenessProbe'], where).toMatchObject({ httpGet: { path: '/healthz' } })
        }
      }
    }
  })

  it('every pod runs a script of the image that reads all its settings', () => {
    const image = textOf('.dockerignore')
    for (const { of, containers } of podsOf(manifestsOf('k8s/base'))) {
      for (const { args, env, image: name } of containers) {
        const [script = ''] = args ?? []
        expect(existsSync(join(root, script)), script).toBe(true)
        expect(image).toMatch(new RegExp(`^!${script.split('/')[0]}$`, 'm'))
        expect(name).toBe('strata:latest')
        const read = settingsOf(script.split('/')[0] ?? '')
        expect(
          [...(env ?? [])].map((one) => String(one['name'])).filter((setting) => !read.has(setting)),
          `${of.kind}/${of.name}`,
        ).toEqual([])
      }
    }
  })
})

describe('fleets', () => {
  const fleets = yamlFiles().flatMap(manifestsIn)
  it('a Fleet leaves time to move players before its pods are killed, and only its autoscaler sizes it', () => {
    for (const { name, object } of fleets.filter(({ kind }) => kind === 'Fleet')) {
      const { spec = {} as Value } = object
      // `replicas` in the manifest would be reset at each apply, which marks the Allocated servers above it.
      expect(spec, name).not.toHaveProperty('replicas')
      expect(spec['allocationOverflow'], name).toEqual({ annotations: { 'strata.dev/drain': 'update' } })
      expect(spec['priorities'], name).toEqual([{ type: 'Counter', key: 'rooms', order: 'Descending' }])
      const server = spec['template']?.['spec']
      expect(Object.keys(server?.['counters'] ?? {}).sort(), name).toEqual(['players', 'rooms'])
      expect(
        [...(server?.['ports'] ?? [])].map(({ protocol }) => protocol),
        name,
      ).toEqual(['TCP'])
      const pod = server?.['template']?.['spec']
      const deadline = everyValue(pod, 'env')
        .flatMap((all) => [...all])
        .find((one) => one['name'] === 'DRAIN_DEADLINE_MS')?.['value']
      expect(Number(deadline) + 15_000, name).toBeLessThan(Number(pod?.['terminationGracePeriodSeconds']) * 1000)
      expect(Number(deadline), name).toBeGreaterThan(10 * FORCED_MOVES_MS)
      const scalers = fleets.filter((one) => one.kind === 'FleetAutoscaler' && one.object['spec']?.['fleetName'] === name)
      expect(scalers, `autoscalers of ${name}`).toHaveLength(1)
    }
  })

  it("a FleetAutoscaler calls the orchestrator's autoscaler endpoint", () => {
    const services = manifestsOf('k8s/base').filter(({ kind }) => kind === 'Service')
    for (const { name, object } of fleets.filter(({ kind }) => kind === 'FleetAutoscaler')) {
      const { service } = object['spec']?.['policy']?.['webhook'] ?? ({} as Value)
      expect(`/${String(service?.['path'])}`, name).toBe(AUTOSCALER_PATH)
      const ports = services.find((one) => one.name === service?.['name'])?.object['spec']?.['ports']
      expect(
        [...(ports ?? [])].map(({ port }) => port),
        name,
      ).toContain(service?.['port'])
      expect(textOf('k8s/keys.sh')).toContain(`autoscaler=${String(service?.['name'])}.`)
    }
  })
})

it('X1: a matchmaker behind an Ingress trusts the address header of the Ingress: players would share one rate limit otherwise', () => {
  for (const folder of ['k8s/overlays/prod', 'k8s/overlays/dev']) {
    if (!named(manifestsOf(folder), 'Ingress').includes('strata-matchmaker')) continue
    const patches = patchFiles(folder).filter((file) => file.endsWith('matchmaker.yaml'))
    expect(patches.map(textOf).join('\n'), folder).toMatch(/name: TRUST_PROXY, value: "[\d./,]+"/)
  }
})
