import { expect, it } from 'vitest'
import { strata } from '../../cli/terminal.ts'
import { freshStore } from '../../freshStore.ts'
import { makeCharacter } from '../../people.ts'
import { execute } from '../../roleLogin.ts'
import { policyNamed, Realm } from '../realm.ts'
import { served } from '../served.ts'

it('W2: strata webhooks shows dead letters, sends them again and discards them, with the operator token only', async () => {
  await using stack = new AsyncDisposableStack()
  const { store, url } = stack.use(await freshStore())
  await store.webhooks.setTypes(['character.entered', 'character.left'])
  const { character } = await makeCharacter(store, { name: 'Letter Ada' })
  const { epoch } = await store.claim(character, { copy: 'forest-1', server: 's1' })
  await store.leave(character, epoch, {}, 1)
  await execute(url, "UPDATE webhook_outbox SET attempts = 7, problem = 'the endpoint answered 500', dead_at = now() WHERE type = 'character.entered'")
  const [{ message, at } = {}] = await execute(url, 'SELECT message, at FROM webhook_outbox WHERE dead_at IS NOT NULL')

  const realm = stack.use(await Realm.create(store, policyNamed('forest')))
  const { app } = stack.use(await served(realm, { development: false, operatorToken: 's3cret' }))
  const environment = { STRATA_MATCHMAKER: await app.listen({ host: '127.0.0.1', port: 0 }), OPERATOR_TOKEN: 's3cret' }
  const run = (...args: string[]) => strata(['webhooks', ...args], { environment, now: () => (at as Date).getTime() + 65_000 })

  const shown = await run()
  expect(shown.out.split('\n')[0]).toMatch(/^1 webhook waiting, the oldest for 1 m [45] s; 1 dead letter$/)
  expect(shown.out).toContain(`${message}  ${(at as Date).toISOString()}  character.entered  ${character}  7 attempts  the endpoint answered 500`)
  expect(await run('retry')).toMatchObject({ code: 2, problems: expect.stringContaining('--reason') })
  expect(await run('retry', 'msg_1', '--reason', 'x')).toMatchObject({ code: 1, problems: expect.stringContaining('a message has an id such as') })
  expect((await run('retry', String(message), '--reason', 'endpoint repaired')).out).toBe('1 dead letter is sent again\n')
  expect((await run()).out).toMatch(/^2 webhooks waiting.*; 0 dead letters\n$/)
  await execute(url, 'UPDATE webhook_outbox SET dead_at = now()')
  expect((await run('discard', '--reason', 'wrong data')).out).toBe('2 dead letters are deleted\n')
  expect(await execute(url, "SELECT actor, action, reason FROM audit_log WHERE subject = 'webhooks' ORDER BY id")).toEqual([
    { actor: 'operator', action: 'webhooks retry', reason: 'endpoint repaired' },
    { actor: 'operator', action: 'webhooks discard', reason: 'wrong data' },
  ])
  expect(await strata(['webhooks'], { environment: { ...environment, OPERATOR_TOKEN: 'wrong' } })).toMatchObject({ code: 1 })
})
