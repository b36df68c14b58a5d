/** Copies per map. */
export const COPIES = 20
/** Caps of each copy, in seats. */
export const SOFT = 80
export const HARD = 100
export const COMPANY = 15
/** Placements in flight at the same time. */
export const WIDTH = 64
/** Players per map: seven eighths of the seats below the soft cap. */
export const PLAYERS = (COPIES * SOFT * 7) / 8
