import { expect, it } from 'vitest'
import { ChatCrowd } from './harness/chatCrowd.ts'

const MESSAGES = 8

it('T1, T2: 1,000 senders on four servers: every message arrives once and in order, and none passes a block or a mute', { timeout: 60_000 }, async () => {
  await using crowd = await ChatCrowd.open({ redisUrl: process.env['REDIS_URL'] ?? '', servers: 4, people: 1_000, messages: MESSAGES, perSecond: 2_000 })
  await crowd.talk()
  const expected = new Map(crowd.members.map((member) => [member, new Map<string, string[]>()]))
  for (const sender of crowd.members) {
    const { character } = sender.profile
    for (let round = 0; round < MESSAGES; round++) {
      const channel = crowd.channelOf(sender, round)
      for (const listener of crowd.audience(sender, channel)) {
        const heard = expected.get(listener)
        const key = `${character} ${channel}`
        heard?.set(key, [...(heard.get(key) ?? []), `talk:${round + 1}`])
      }
    }
  }
  for (const [{ heard }, wanted] of expected) {
    const got = Map.groupBy(heard, ({ from, channel }) => `${from?.character} ${channel}`)
    expect(new Map([...got].map(([key, events]) => [key, events.map(({ id }) => id)]))).toEqual(wanted)
  }
  for (const { profile, answers } of crowd.members) {
    expect(answers).toHaveLength(MESSAGES)
    if (profile.mute !== undefined) expect(answers.every(({ code }) => code === 'MUTED')).toBe(true)
  }
  expect(crowd.delaysMs.length).toBeGreaterThan(100_000)
})
