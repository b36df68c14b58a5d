import type { Kysely } from 'kysely'
import { mapConnectionErrors } from '../database/connectionErrors.ts'
import type { Tables } from '../tables.ts'
import type { Accounts } from './accounts.ts'
import * as characters from './characters.ts'
import * as personal from './personalData.ts'
import * as sanctions from './sanctions.ts'

export function createAccounts(db: Kysely<Tables>): Accounts {
  return {
    ensureAccount: (account, displayName) => mapConnectionErrors(() => sanctions.ensureAccount(db, account, displayName)),
    account: (account) => mapConnectionErrors(() => sanctions.readAccount(db, account)),
    charactersOf: (account) => mapConnectionErrors(() => characters.charactersOf(db, account)),
    ownerOf: (character) => mapConnectionErrors(() => characters.ownerOf(db, character)),
    createCharacter: (account, draft, limit) => mapConnectionErrors(() => characters.createCharacter(db, account, draft, limit)),
    renameCharacter: (character, name) => mapConnectionErrors(() => characters.renameCharacter(db, character, name)),
    describeCharacter: (character, change) => mapConnectionErrors(() => characters.describeCharacter(db, character, change)),
    deleteCharacter: (character) => mapConnectionErrors(() => characters.deleteCharacter(db, character)),
    setBan: (account, ban) => mapConnectionErrors(() => sanctions.setBan(db, account, ban)),
    setMute: (account, mute) => mapConnectionErrors(() => sanctions.setMute(db, account, mute)),
    findAccount: (idOrCharacter) => mapConnectionErrors(() => sanctions.findAccount(db, idOrCharacter)),
    exportAccount: (account) => mapConnectionErrors(() => personal.exportAccount(db, account)),
    eraseAccount: (account) => mapConnectionErrors(() => personal.eraseAccount(db, account)),
    audit: (entry) => mapConnectionErrors(() => sanctions.audit(db, entry)),
    auditLog: (limit, subject) => mapConnectionErrors(() => sanctions.auditLog(db, limit, subject)),
  }
}
