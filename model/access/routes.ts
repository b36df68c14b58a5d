import { type AccessTable, probeAccess } from './who.ts'

/**
 * Every route of the matchmaker. A route without a row, and a route whose guard differs from its row, stop the process at its start. The page
 * docs/reference/access.md is generated from this table.
 */
export const matchmakerAccess: AccessTable = {
  ...probeAccess,
  'GET /openapi.json': 'anyone',
  'POST /v1/login': 'development',
  'GET /v1/jwks.json': 'anyone',

  'GET /v1/characters': 'account',
  'POST /v1/characters': 'account',
  'PATCH /v1/characters/:character': 'account',
  'DELETE /v1/characters/:character': 'account',

  'POST /v1/enter': 'account',
  'POST /v1/travel': 'character',
  'GET /v1/line': 'character',
  'DELETE /v1/line': 'character',
  'GET /v1/locks': 'character',
  'GET /v1/maps': 'account',

  'GET /v1/party': 'character',
  'POST /v1/party': 'character',
  'DELETE /v1/party': 'character',
  'GET /v1/party/invitations': 'character',
  'POST /v1/party/invitations': 'character',
  'POST /v1/party/invitations/:party/accept': 'character',
  'DELETE /v1/party/invitations/:party': 'character',
  'POST /v1/party/kick': 'character',
  'POST /v1/party/leader': 'character',

  'GET /v1/friends': 'character',
  'DELETE /v1/friends/:character': 'character',
  'GET /v1/friends/requests': 'character',
  'POST /v1/friends/requests': 'character',
  'POST /v1/friends/requests/:character/accept': 'character',
  'DELETE /v1/friends/requests/:character': 'character',
  'GET /v1/blocks': 'character',
  'POST /v1/blocks': 'character',
  'DELETE /v1/blocks/:character': 'character',
  'GET /v1/presence/:character': 'character',

  'GET /v1/holdings': 'character',
  'GET /v1/mail': 'character',
  'POST /v1/mail': 'character',
  'POST /v1/mail/:mail/take': 'character',
  'DELETE /v1/mail/:mail': 'character',
  'GET /v1/auctions': 'character',
  'POST /v1/auctions': 'character',
  'POST /v1/auctions/:auction/bid': 'character',
  'POST /v1/auctions/:auction/buy': 'character',
  'DELETE /v1/auctions/:auction': 'character',
  'GET /v1/guild': 'character',
  'POST /v1/guild': 'character',
  'DELETE /v1/guild': 'character',
  'GET /v1/guild/invitations': 'character',
  'DELETE /v1/guild/invitations/:guild': 'character',
  'POST /v1/guild/invite': 'character',
  'POST /v1/guild/join': 'character',
  'POST /v1/guild/rank': 'character',
  'POST /v1/guild/dismiss': 'character',
  'POST /v1/guild/bank/deposit': 'character',
  'POST /v1/guild/bank/withdraw': 'character',

  'POST /v1/moderation/ban': 'moderation',
  'POST /v1/moderation/unban': 'moderation',
  'POST /v1/moderation/mute': 'moderation',
  'POST /v1/moderation/unmute': 'moderation',
  'POST /v1/moderation/kick': 'moderation',
  'POST /v1/moderation/message': 'moderation',
  'POST /v1/moderation/announce': 'moderation',
  'GET /v1/moderation/audit': 'moderation',
  'GET /v1/moderation/violations': 'moderation',
  'GET /v1/moderation/players/:id': 'moderation',
  'GET /v1/privacy/accounts/:account': 'privacy',
  'POST /v1/privacy/accounts/:account/erase': 'privacy',
  'GET /v1/studio/accounts': 'players:read',
  'GET /v1/studio/accounts/:account': 'players:read',
  'PUT /v1/studio/accounts/:account': 'players:write',
  'GET /v1/studio/characters': 'players:read',
  'GET /v1/studio/characters/:character': 'players:read',
  'PUT /v1/studio/characters/:character': 'players:write',
  'DELETE /v1/studio/characters/:character': 'players:write',
  'GET /v1/studio/friendships': 'players:read',
  'PUT /v1/studio/friendships/:character/:other': 'social:write',
  'DELETE /v1/studio/friendships/:character/:other': 'social:write',
  'GET /v1/studio/blocks': 'players:read',
  'PUT /v1/studio/blocks/:character/:other': 'social:write',
  'DELETE /v1/studio/blocks/:character/:other': 'social:write',
  'GET /v1/studio/guilds': 'players:read',
  'GET /v1/studio/guilds/:guild': 'players:read',
  'PUT /v1/studio/guilds/:guild': 'social:write',
  // Lines about friendships, blocks and guilds need social:write, too.
  'POST /v1/studio/import': 'players:write',

  'GET /v1/explain/:character': 'own character or operator',
  'GET /v1/explain': 'operator',
  'GET /v1/transactions/:transaction': 'operator',
  'POST /v1/transactions/:transaction/rollback': 'operator',
  'GET /v1/audit': 'operator',
}

/** Every route of the orchestrator's admin API. The status holds no data of single players. */
export const orchestratorAccess: AccessTable = {
  ...probeAccess,
  // The console's page, and signing in. A session is a cookie; it has the scopes of the person's roles.
  'GET /': 'anyone',
  'GET /console': 'anyone',
  'GET /console/*': 'anyone',
  'GET /console/assets/*': 'anyone',
  'GET /v1/session': 'anyone',
  'POST /v1/session': 'anyone',
  'DELETE /v1/session': 'anyone',
  'GET /v1/session/openid': 'anyone',
  'GET /v1/session/openid/callback': 'anyone',

  'GET /v1/status': 'anyone',
  'GET /v1/live': 'view',
  'GET /v1/timeline': 'view',
  'GET /v1/copies/:copy': 'view',
  'GET /v1/decisions': 'operator',
  'POST /v1/drain': 'operator',
  'POST /v1/close': 'operator',
  'POST /v1/reopen': 'operator',
  'GET /v1/policies/:map': 'view',
  'PUT /v1/policies/:map': 'policies',
  'POST /v1/policies/:map/try': 'policies',
  'POST /v1/holds': 'operator',
  'POST /v1/holds/:id/lift': 'operator',

  // Passed on to a matchmaker, for the console.
  'GET /v1/explain/:character': 'view',
  'GET /v1/moderation/players/:id': 'moderation',
  'GET /v1/moderation/audit': 'moderation',
  'POST /v1/moderation/ban': 'moderation',
  'POST /v1/moderation/unban': 'moderation',
  'POST /v1/moderation/mute': 'moderation',
  'POST /v1/moderation/unmute': 'moderation',
  'POST /v1/moderation/kick': 'moderation',
  'POST /v1/moderation/message': 'moderation',
  'POST /v1/moderation/announce': 'moderation',
}

/** Health, readiness and metrics of a game server, on a port of their own. */
export const gameServerAccess: AccessTable = { ...probeAccess }

/** The webhook of Agones' FleetAutoscaler. It has an own port, and a NetworkPolicy admits Agones' controller only. */
export const autoscalerAccess: AccessTable = { 'POST /v1/autoscale': 'anyone' }
