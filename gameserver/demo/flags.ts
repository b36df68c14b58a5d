/** Bits in the flags of a body, of a creature and of a resource (`depleted`). Without imports, so that a page of the game stays small. */
export const FLAG = { walking: 1, gathering: 2, dead: 4, fighting: 8, depleted: 1 } as const
