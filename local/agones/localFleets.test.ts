import { fleetsContract } from '../../test/contract/fleets.ts'
import { fixtureHost } from './fixture/host.ts'

fleetsContract('local processes', async () => {
  const fixture = await fixtureHost(2)
  return {
    fleets: fixture.fleets,
    fleet: 'overworld',
    async kill(server) {
      const pid = fixture.host.servers().find(({ id }) => id === server)?.pid
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    },
    patienceMs: 15_000,
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  }
})
