import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Processes } from '../harness/processes.ts'
import { CLUSTER_CIDR, CONTROL_ADDRESS } from './network.ts'

/** Starts kube-proxy: one for all nodes, because they share a network namespace. */
export function startProxy(bin: string, folder: string, kubeconfig: string, processes: Processes): void {
  const config = join(folder, 'kube-proxy.yaml')
  const text = stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig },
    mode: 'iptables',
    clusterCIDR: CLUSTER_CIDR,
    bindAddress: CONTROL_ADDRESS,
    hostnameOverride: 'node-a',
    metricsBindAddress: `${CONTROL_ADDRESS}:10249`,
    healthzBindAddress: `${CONTROL_ADDRESS}:10256`,
    // Pods on one bridge answer each other directly, past the rules that translate a Service's address back.
    iptables: { masqueradeAll: true },
    // A network namespace may not change these limits of the kernel.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  })
  writeFileSync(config, text)
  processes.start('kube-proxy', [join(bin, 'kube-proxy'), `--config=${config}`])
}
