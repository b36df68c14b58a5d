import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const NODES = ['node-a', 'node-b'] as const

/** Address of the API server, and of the first node; the other nodes follow. All are on a bridge of the test's own network namespace. */
export const CONTROL_ADDRESS = '10.99.0.1'
export const CLUSTER_CIDR = '10.244.0.0/16'
export const DNS_ADDRESS = '10.96.0.10'

export const nodeAddress = (index: number): string => `10.99.0.${index + 1}`

/** Bridge between the pods of one node. */
export const podBridge = (index: number): string => `pods${index}`

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'pipe' })

/** Gives this network namespace addresses for its nodes, a default route, and forwarding between pods. */
export function setUpNetwork(nodes: number): void {
  ip('link', 'add', 'nodes0', 'type', 'bridge')
  for (let index = 0; index < nodes; index++) ip('address', 'add', `${nodeAddress(index)}/24`, 'dev', 'nodes0')
  ip('link', 'set', 'nodes0', 'up')
  ip('route', 'add', 'default', 'dev', 'nodes0')
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
}

/** Writes the configuration of the pods' network on one node: a bridge with addresses of its own, and host ports. Returns its folder. */
export function writePodNetwork(folder: string, index: number): string {
  const conf = join(folder, 'cni')
  mkdirSync(conf, { recursive: true })
  const subnet = `10.244.${index}.0/24`
  const ipam = { type: 'host-local', dataDir: join(folder, 'addresses'), ranges: [[{ subnet }]], routes: [{ dst: '0.0.0.0/0' }] }
  const bridge = { type: 'bridge', bridge: podBridge(index), isGateway: true, ipMasq: false, hairpinMode: true, ipam }
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true }, snat: false }]
  writeFileSync(join(conf, '10-pods.conflist'), JSON.stringify({ cniVersion: '1.0.0', name: podBridge(index), plugins }))
  return conf
}
