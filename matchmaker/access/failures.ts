import { errorResponse } from '../../model/wire/matchmaker.ts'

/** Response schemas of every route for errors. The codes are those of `model/errors.ts`. */
export const failures = { '4xx': errorResponse, '5xx': errorResponse }
