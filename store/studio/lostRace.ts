/** SQLSTATE of a transaction that lost against another one. */
export const LOST_RACE = '40001'

/** The transaction read something that another one changed since; the same again sees it. */
export class LostRace extends Error {
  override readonly name = 'LostRace'
  readonly code = LOST_RACE
  constructor() {
    super('another transaction wrote the same rows')
  }
}
