import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { LeaseElection } from '../../service/kubernetes/leaseLeadership.ts'

let count = 0

function candidates(...identities: string[]): LeaseElection[] {
  const config = new KubeConfig()
  config.loadFromDefault()
  const name = `strata-test-${process.pid}-${count++}`
  return identities.map(
    (identity) => new LeaseElection({ config, namespace: 'default', name, identity, clock: { now: Date.now }, log: pino({ level: 'silent' }) }),
  )
}

describe('leadership by Lease', () => {
  it('D3: exactly one of many simultaneous candidates leads', async () => {
    const elections = candidates(...Array.from({ length: 8 }, (_, i) => `pod-${i}`))
    const leaders = (await Promise.all(elections.map((election) => election.tryLead()))).filter((leader) => leader !== undefined)
    expect(leaders).toHaveLength(1)
    await leaders[0]?.[Symbol.asyncDispose]()
  })

  it('D3: a leader that stops releases the Lease at once', async () => {
    const [a, b] = candidates('a', 'b')
    const first = await a?.tryLead()
    expect(await b?.tryLead()).toBeUndefined()
    await first?.[Symbol.asyncDispose]()
    const second = await b?.tryLead()
    expect(second).toBeDefined()
    await second?.[Symbol.asyncDispose]()
  })

  it('D3: a leader that dies is replaced within 15 s, and not while it renews its Lease', async () => {
    const [a, b] = candidates('a', 'b')
    const first = await a?.tryLead()
    for (const until = Date.now() + 12_000; Date.now() < until; await sleep(500)) expect(await b?.tryLead()).toBeUndefined()
    first?.abandon()
    const diedAt = Date.now()
    let second = await b?.tryLead()
    while (second === undefined && Date.now() - diedAt < 15_000) {
      await sleep(250)
      second = await b?.tryLead()
    }
    expect(second).toBeDefined()
    await second?.[Symbol.asyncDispose]()
  })
})
