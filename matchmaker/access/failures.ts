import { errorResponse } from '../../model/wire/matchmaker.ts'

/** Every refusal has this shape; the codes are the catalogue's. */
export const failures = { '4xx': errorResponse, '5xx': errorResponse }
