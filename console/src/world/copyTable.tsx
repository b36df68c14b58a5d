import { Anchor, Badge, Group, Pagination, Stack, Table, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import type { LiveCopy, LiveMap } from '../../../model/wire/live.ts'
import { duration, stateColour } from './words.ts'

const PAGE = 50

/** The same copies as the picture, as text. */
export function CopyTable({ copies, maps, now }: { copies: readonly LiveCopy[]; maps: readonly LiveMap[]; now: number }): ReactNode {
  const [page, setPage] = useState(1)
  const capacity = new Map(maps.map(({ map, soft, hard }) => [map, `${soft} / ${hard}`]))
  const pages = Math.max(1, Math.ceil(copies.length / PAGE))
  const current = Math.min(page, pages)
  const sorted = copies.toSorted((a, b) => (a.map === b.map ? a.created - b.created : a.map < b.map ? -1 : 1))
  const shown = sorted.slice((current - 1) * PAGE, current * PAGE)
  return (
    <Stack>
      <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Copies' } }}>
        <Table striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Copy</Table.Th>
              <Table.Th>Map</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th className="number">Players</Table.Th>
              <Table.Th className="number">Soft / hard</Table.Th>
              <Table.Th>Server</Table.Th>
              <Table.Th className="number">Age</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map(({ id, map, state, reason, players, held, server, created }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <Anchor component={Link} href={`/copies/${encodeURIComponent(id)}`}>
                    {id}
                  </Anchor>
                </Table.Td>
                <Table.Td>{map}</Table.Td>
                <Table.Td>
                  <Badge color={stateColour[state]} variant="dot">
                    {reason === undefined ? state : `${state}: ${reason}`}
                  </Badge>
                </Table.Td>
                <Table.Td className="number">{held === 0 ? players : `${players} + ${held}`}</Table.Td>
                <Table.Td className="number">{capacity.get(map)}</Table.Td>
                <Table.Td>{server}</Table.Td>
                <Table.Td className="number">{duration(now - created)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {copies.length === 0 && <Text c="dimmed">There is no copy.</Text>}
      {pages > 1 && (
        <Group>
          <Pagination total={pages} value={current} onChange={setPage} getControlProps={(control) => ({ 'aria-label': `${control} page` })} />
        </Group>
      )}
    </Stack>
  )
}
