import { packDecision } from '../../store/decisions/candidates.ts'
import type { PostgresStore } from '../../store/postgresStore.ts'

type Call = readonly [name: string, run: () => Promise<unknown>]

const now = Date.now()
const soon = now + 60_000
const at = { copy: 'copy-1', server: 'server-1' }
let keys = 0
const key = (actor: string) => ({ actor, key: `key-${++keys}` })
const held = (character: string) => ({ character, epoch: 1, copy: 'copy-1' })

/** Every call of the store's ports, at least once, on the tables of `fillTables`. Throws if a port has a call that is missing here. */
export function everyCall(store: PostgresStore): Call[] {
  const calls = [...storeCalls(store), ...accountCalls(store), ...socialCalls(store), ...economyCalls(store), ...webhookCalls(store)]
  const named = new Set(calls.map(([name]) => name.split(' ', 1)[0]?.replace(/:.*/, '')))
  // Only a game server may register itself; the two calls touch no big table.
  const { accounts, social, studio, economy, webhooks, registerServer: _register, unregisterServer: _unregister, ...rest } = store
  for (const port of [accounts, social, studio, economy, webhooks, rest]) {
    for (const [name, call] of Object.entries(port)) if (typeof call === 'function' && !named.has(name)) throw new Error(`everyCall: add a call of ${name}`)
  }
  return calls
}

function storeCalls(store: PostgresStore): Call[] {
  const place = { map: 'map-1', copy: 'copy-1', tick: 7, x: 1, y: 2 }
  const violation = {
    id: 'planned',
    at: now,
    character: 'c-7',
    ...place,
    kind: 'speed' as const,
    count: 1,
    action: 'correct' as const,
    evidence: { metres: 9 },
    trust: 98,
  }
  const save = { character: 'c-10', epoch: 1, state: { a: 1 }, stateVersion: 1 }
  return [
    ['profile', () => store.profile('c-7')],
    ['eventCrowds', () => store.eventCrowds()],
    ['recordEventCrowds', () => store.recordEventCrowds(new Map([['forest', new Map([['raid', 3]])]]), now)],
    ['setPlaying', () => store.setPlaying('account-5', 'c-5')],
    ['profiles', () => store.profiles(Array.from({ length: 50 }, (_, n) => `c-${n + 1}`))],
    ['findCharacter', () => store.findCharacter('person 77')],
    ['guildName', () => store.guildName('guild-7')],
    ['claim', () => store.claim('c-20', at)],
    ['claimReleased', () => store.claimReleased('c-20', 'm', 1, at)],
    ['save', () => store.save('c-10', 1, { a: 1 }, 1)],
    ['saveMany', () => store.saveMany([save, { ...save, character: 'c-30' }])],
    ['notHeld', () => store.notHeld([save, { ...save, character: 'c-30' }])],
    ['release', () => store.release('m', [save, { ...save, character: 'c-30' }])],
    ['leave', () => store.leave('c-40', 1, {}, 1)],
    ['permitKey', () => store.permitKey()],
    ['holderKeys', () => store.holderKeys(['c-10', 'c-30'])],
    [
      'recordDecisions',
      () => {
        const decision = {
          id: 'planned',
          at: now,
          kind: 'place' as const,
          map: 'map-1',
          characters: ['c-1'],
          reason: 'r',
          policyVersion: 'v1',
          candidates: [],
          inputs: {},
        }
        return store.recordDecisions([packDecision(decision)])
      },
    ],
    ['decisionsFor', () => store.decisionsFor('c-7', 20)],
    ['decisionsOn', () => store.decisionsOn('map-3', 20)],
    ['forgetDecisions', () => store.forgetDecisions(now - 90_000_000)],
    ['forgetDecisions of a map', () => store.forgetDecisions(now - 90_000_000, 'map-3')],
    ['tryLead', async () => (await store.tryLead('plans'))?.[Symbol.asyncDispose]()],
    ['ping', () => store.ping(AbortSignal.timeout(5_000))],
    ['describe', () => store.describe('c-50', 1, { level: 3 })],
    ['recordMeetings', () => store.recordMeetings(new Map([['c-1', { 'c-2': 3 }]]), now)],
    ['hopHistory', () => store.hopHistory('c-1', 'map-1')],
    ['recordHop', () => store.recordHop('c-1', 'map-2', undefined, { level: 1, at: now, copy: 'copy-1' })],
    ['takeLocks', () => store.takeLocks({ key: 'chest:1', until: soon, deed: 'd' }, [{ character: 'c-60', epoch: 1 }], now)],
    ['releaseLock', () => store.releaseLock('chest:1', 'c-60', 'd')],
    ['lockedOut', () => store.lockedOut('boss:dragon', ['c-1', 'c-2'], now)],
    ['locksOf', () => store.locksOf('c-1', now)],
    ['countInstance', () => store.countInstance({ map: 'cave', party: 'p', members: ['c-1', 'c-2'], perHour: 5, pendingMs: 1_000, now })],
    ['dayShapes', () => store.dayShapes()],
    ['recordDayShapes', () => store.recordDayShapes(new Map([['map-1', [1, 2]]]), now)],
    ['recordViolations', () => store.recordViolations([violation])],
    ['violations', () => store.violations({ limit: 20 })],
    ['violations: flagged', () => store.violations({ flagged: true, limit: 20 })],
    ['violations: of a character', () => store.violations({ characters: ['c-7'], limit: 20 })],
    ['forgetRecords', () => store.forgetRecords(now - 90_000_000)],
  ]
}

function accountCalls({ accounts, studio }: PostgresStore): Call[] {
  return [
    ['accounts', () => studio.accounts({ after: 'account-5', limit: 100 })],
    ['characters', () => studio.characters({ after: 'c-5', limit: 100 })],
    ['characters of an account', () => studio.characters({ account: 'account-5', limit: 100 })],
    ['character', () => studio.character('c-5')],
    ['friendships', () => studio.friendships({ after: ['c-5', 'c-6'], limit: 100 })],
    ['friendships of a character', () => studio.friendships({ character: 'c-5', limit: 100 })],
    ['blocks of all', () => studio.blocks({ limit: 100 })],
    ['blocks of an account', () => studio.blocks({ account: 'account-5', limit: 100 })],
    ['guilds', () => studio.guilds({ limit: 100 })],
    ['roster', () => studio.roster('guild-5')],
    ['ensureAccount', () => accounts.ensureAccount('account-5', 'Name')],
    ['account', () => accounts.account('account-5')],
    ['charactersOf', () => accounts.charactersOf('account-5')],
    ['ownerOf', () => accounts.ownerOf('c-5')],
    ['createCharacter', () => accounts.createCharacter('account-5', { name: 'Planned Person', languages: ['en'] }, 8)],
    ['renameCharacter', () => accounts.renameCharacter('c-5', 'Renamed Person')],
    ['describeCharacter', () => accounts.describeCharacter('c-5', { languages: ['de'], settings: { presence: 'nobody' } })],
    ['deleteCharacter', () => accounts.deleteCharacter('c-6')],
    ['setBan', () => accounts.setBan('account-9', { until: soon, reason: 'r' })],
    ['setMute', () => accounts.setMute('account-9', { until: soon, reason: 'r' })],
    ['findAccount', () => accounts.findAccount('person 9')],
    ['exportAccount', () => accounts.exportAccount('account-8')],
    ['eraseAccount', () => accounts.eraseAccount('account-8')],
    ['audit', () => accounts.audit({ actor: 'a', action: 'ban', subject: 'account-9' })],
    ['auditLog', () => accounts.auditLog(10)],
    ['auditLog of a subject', () => accounts.auditLog(10, 'account-9')],
    [
      'apply',
      () =>
        studio.apply([
          { kind: 'account', account: 'account-11' },
          { kind: 'guild', guild: 'guild-11', name: 'Guild Eleven', members: [{ character: 'c-10', rank: 'leader' }] },
          { kind: 'character', character: 'c-11', account: 'account-11', name: 'Person Eleven', guild: 'guild-11' },
          { kind: 'friendship', characters: ['c-11', 'c-12'] },
          { kind: 'friendship', characters: ['c-11', 'c-12'], remove: true },
          { kind: 'block', character: 'c-13', blocked: 'c-14' },
          { kind: 'block', character: 'c-13', blocked: 'c-14', remove: true },
        ]),
    ],
  ]
}

function socialCalls({ social }: PostgresStore): Call[] {
  const limits = { size: 5, now, expiresAt: soon }
  return [
    ['friends', () => social.friends('c-100')],
    ['friendRequests', () => social.friendRequests('c-200')],
    ['requestFriend', () => social.requestFriend('c-60000', 'c-70000', now)],
    ['acceptFriend', () => social.acceptFriend('c-300', 'c-200')],
    ['dropRequest', () => social.dropRequest('c-301', 'c-201')],
    ['removeFriend', () => social.removeFriend('c-302', 'c-309')],
    ['befriend', () => social.befriend('c-60001', 'c-70001')],
    ['blocks', () => social.blocks('c-400')],
    ['block', () => social.block('c-60002', 'c-70002')],
    ['unblock', () => social.unblock('c-60002', 'c-70002')],
    ['blockedAmong', () => social.blockedAmong('c-400', ['c-900', 'c-901'])],
    ['partyOf', () => social.partyOf('c-500', now)],
    ['createParty', () => social.createParty('party-new', 'c-60003')],
    ['invite', () => social.invite('c-60003', 'c-60004', limits)],
    ['invitations', () => social.invitations('c-60004', now)],
    ['acceptInvitation', () => social.acceptInvitation('c-60004', 'party-new', limits)],
    ['declineInvitation', () => social.declineInvitation('c-60005', 'party-new')],
    ['handOver', () => social.handOver('c-60003', 'c-60004')],
    ['removeMember', () => social.removeMember('c-60004', 'c-60003')],
    ['leaveParty', () => social.leaveParty('c-60004')],
    ['takePlayerNotices', () => social.takePlayerNotices(100)],
    ['takeProfileChanges', () => social.takeProfileChanges(100, 5_000)],
    ['settleProfileChanges', () => social.settleProfileChanges(['1', '2'])],
  ]
}

function economyCalls({ economy }: PostgresStore): Call[] {
  return [
    ['holdings', () => economy.holdings('c-1')],
    ['grant', () => economy.grant(key('c-1'), { character: 'c-1', money: 5, items: ['ore'], reason: 'loot' })],
    ['use', () => economy.use(key('c-1'), { character: 'c-1', money: 1, items: [], reason: 'toll' })],
    ['openTrade', () => economy.openTrade(key('c-70'), 'copy-1', [held('c-70'), held('c-80')])],
    ['offer', () => economy.offer(key('c-70'), 'c-70', 'trade-1', { money: 1, items: [] })],
    ['confirm', () => economy.confirm(key('c-70'), 'c-70', 'trade-1', 1)],
    ['cancelTrade', () => economy.cancelTrade(key('c-70'), 'trade-1', 'r')],
    ['trade', () => economy.trade('trade-1')],
    ['sendMail', () => economy.sendMail(key('c-1'), 'c-1', { to: 'c-2', subject: 's', body: 'b', money: 1, items: [] })],
    ['takeMail', () => economy.takeMail(key('c-4'), 'c-4', 'mail-2')],
    ['deleteMail', () => economy.deleteMail(key('c-4'), 'c-4', 'mail-2')],
    ['mail', () => economy.mail('c-4')],
    ['listAuction', () => economy.listAuction(key('c-90'), 'c-90', { items: ['item-90'], startPrice: 5, durationMs: 3_600_000 })],
    ['bid', () => economy.bid(key('c-91'), 'c-91', 'auction-200', 20)],
    ['buyOut', () => economy.buyOut(key('c-92'), 'c-92', 'auction-220')],
    ['cancelAuction', () => economy.cancelAuction(key('c-240'), 'c-240', 'auction-240')],
    ['auctions', () => economy.auctions(50)],
    ['auctions for a viewer', () => economy.auctions(50, 'p10')],
    ['foundGuild', () => economy.foundGuild('c-60010', 'Planned Guild')],
    ['inviteToGuild', () => economy.inviteToGuild('c-60010', 'c-60011')],
    ['guildInvitations', () => economy.guildInvitations('c-60011')],
    ['joinGuild', () => economy.joinGuild('c-5', 'guild-11')],
    ['declineGuild', () => economy.declineGuild('c-60011', 'guild-12')],
    ['leaveGuild', () => economy.leaveGuild('c-60012')],
    ['setGuildRank', () => economy.setGuildRank('c-100', 'c-8100', 'officer')],
    ['membership', () => economy.membership('c-101')],
    ['guildMembers', () => economy.guildMembers('guild-50')],
    ['deposit', () => economy.deposit(key('c-102'), 'c-102', { money: 1, items: [] })],
    ['withdraw', () => economy.withdraw(key('c-102'), 'c-102', { money: 1, items: [] })],
    ['bank', () => economy.bank('c-102')],
    ['history', () => economy.history('t-5')],
    ['rollback', () => economy.rollback(key('operator'), 't-6', 'r')],
    ['sweep', () => economy.sweep()],
    ['audit: the whole ledger', () => economy.audit()],
  ]
}

function webhookCalls({ webhooks }: PostgresStore): Call[] {
  const limits = { now, deadAfterMs: 60_000, evenUntried: true, maxPending: 1_000, maxDead: 1_000, keepDeadMs: 60_000 }
  return [
    ['setTypes', () => webhooks.setTypes(['character.left'])],
    ['due', () => webhooks.due(500, now)],
    ['failed', () => webhooks.failed([{ id: 77, lane: 'c-7', due: soon, problem: 'planned' }])],
    ['delivered', () => webhooks.delivered([78, 79])],
    ['sweep', () => webhooks.sweep(limits)],
    ['backlog: counts all', () => webhooks.backlog()],
    ['dead', () => webhooks.dead(50)],
    ['retry', () => webhooks.retry([`msg_${'0'.repeat(32)}`])],
    ['discard', () => webhooks.discard([`msg_${'0'.repeat(32)}`])],
  ]
}
