import { Alert, Anchor, Pagination, Skeleton, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import type { z } from 'zod'
import type { playersResponse } from '../../../model/wire/world.ts'
import { get } from '../api/request.ts'
import { duration } from '../world/words.ts'

const READ_AGAIN_MS = 5_000
const PAGE = 50

/** Who has a seat in the copy. */
export function Players({ copy }: { copy: string }): ReactNode {
  const [page, setPage] = useState(1)
  const { data, error } = useQuery({
    queryKey: ['players', copy],
    queryFn: () => get<z.infer<typeof playersResponse>>(`/v1/players?copy=${encodeURIComponent(copy)}`),
    refetchInterval: READ_AGAIN_MS,
  })
  if (error !== null) return <Alert color="orange">{error.message}</Alert>
  if (data === undefined) return <Skeleton height={100} />
  if (data.players.length === 0) return <Text c="dimmed">Nobody is here.</Text>
  const pages = Math.ceil(data.players.length / PAGE)
  const current = Math.min(page, pages)
  return (
    <Stack>
      <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Players' } }}>
        <Table striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>Language</Table.Th>
              <Table.Th>Party</Table.Th>
              <Table.Th className="number">Here for</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.players.slice((current - 1) * PAGE, current * PAGE).map(({ character, name, language, party, seat, since }) => (
              <Table.Tr key={character}>
                <Table.Td>
                  <Anchor component={Link} href={`/players/${encodeURIComponent(character)}`}>
                    {name}
                  </Anchor>
                </Table.Td>
                <Table.Td>{language}</Table.Td>
                <Table.Td>{party?.slice(0, 8)}</Table.Td>
                <Table.Td className="number">{seat === 'held' || since === undefined ? 'entering' : duration(data.at - since)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {pages > 1 && <Pagination total={pages} value={current} onChange={setPage} getControlProps={(control) => ({ 'aria-label': `${control} page` })} />}
    </Stack>
  )
}
