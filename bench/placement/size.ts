/** The crowd that TARGETS.md describes: 20 copies a map, 64 placements at once. */
export const COPIES = 20
export const SOFT = 80
export const HARD = 100
export const COMPANY = 15
export const WIDTH = 64
/** So many enter each map: seven eighths of the seats that are open to strangers. */
export const PLAYERS = (COPIES * SOFT * 7) / 8
