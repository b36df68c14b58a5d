import { type UseQueryResult, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import type { Scope } from '../../../model/ticket/serviceToken.ts'
import type { SessionAnswer } from '../../../model/wire/console.ts'
import { get, rememberSession, request } from './request.ts'

export type Person = NonNullable<SessionAnswer['person']>

export function useSession(): UseQueryResult<SessionAnswer> {
  return useQuery({ queryKey: ['session'], queryFn: () => get<SessionAnswer>('/v1/session').then(remembered), staleTime: 60_000 })
}

export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return async () => {
    const answer = await request<SessionAnswer>('DELETE', '/v1/session').then(remembered)
    queries.clear()
    queries.setQueryData(['session'], answer)
  }
}

export function remembered(answer: SessionAnswer): SessionAnswer {
  rememberSession(answer)
  return answer
}

export const PersonContext = createContext<Person | undefined>(undefined)

/** Whether the person may do something. The server decides again; this only hides what it would refuse. */
export function useMay(scope: Scope): boolean {
  return useContext(PersonContext)?.scopes.includes(scope) ?? false
}
