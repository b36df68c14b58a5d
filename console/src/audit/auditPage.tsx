import { Alert, Skeleton, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { AuditLogAnswer } from '../../../model/wire/moderation.ts'
import { get } from '../api/request.ts'
import { AuditTable } from '../player/sanctions.tsx'

/** Who did what: sign-ins, drains, sanctions, policies. */
export default function AuditPage(): ReactNode {
  const { data, error } = useQuery({ queryKey: ['audit'], queryFn: () => get<AuditLogAnswer>('/v1/moderation/audit?limit=200'), refetchInterval: 10_000 })
  return (
    <Stack>
      <Title order={1} size="h3">
        Audit log
      </Title>
      {error !== null && <Alert color="orange">{error.message}</Alert>}
      {data === undefined ? <Skeleton height={200} /> : <AuditTable entries={data.entries} none="Nobody did anything yet." />}
    </Stack>
  )
}
