import { Anchor, Badge, Card, Group, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { type ReactNode, useMemo } from 'react'
import { Link, useSearchParams } from 'wouter'
import type { LiveCopy, LiveServer } from '../../../model/wire/live.ts'
import { ActionButton } from '../actions/actionButton.tsx'
import { serverActions } from '../actions/actions.ts'
import { useWorld } from '../api/live.tsx'
import { useMay } from '../api/session.ts'
import { count, stateColour } from '../world/words.ts'

const serverColour: Record<string, string> = { Allocated: 'teal', Ready: 'blue', Creating: 'gray', Unhealthy: 'red', Shutdown: 'orange' }

/** Fleets and their servers, with the copies on each. */
export default function ServersPage(): ReactNode {
  const world = useWorld()
  const [search] = useSearchParams()
  const chosen = search.get('server')
  const byServer = useMemo(() => Map.groupBy(world?.copies.values() ?? [], ({ server }) => server), [world?.copies])
  if (world === undefined) return <Skeleton height={300} />
  const fleets = [...Map.groupBy(world.servers, ({ fleet }) => fleet)].sort(([a], [b]) => (a < b ? -1 : 1))
  return (
    <Stack>
      <Title order={1} size="h3">
        Servers
      </Title>
      {fleets.length === 0 && <Text c="dimmed">There is no server.</Text>}
      {fleets.map(([fleet, servers]) => (
        <Card key={fleet} withBorder>
          <Group justify="space-between" mb="sm">
            <Title order={2} size="h5">
              Fleet {fleet}
            </Title>
            <FleetFigures servers={servers} byServer={byServer} />
          </Group>
          <ServerTable servers={servers} byServer={byServer} chosen={chosen} />
        </Card>
      ))}
    </Stack>
  )
}

type ByServer = ReadonlyMap<string, readonly LiveCopy[]>

function FleetFigures({ servers, byServer }: { servers: readonly LiveServer[]; byServer: ByServer }): ReactNode {
  const rooms = servers.reduce((sum, server) => sum + server.rooms, 0)
  const used = servers.reduce((sum, { id }) => sum + (byServer.get(id)?.length ?? 0), 0)
  const states = [...Map.groupBy(servers, ({ state }) => state)]
  return (
    <SimpleGrid cols={2} spacing="xs">
      <Text size="sm" c="dimmed">
        {used} of {count(rooms, 'room')} used
      </Text>
      <Group gap={4} justify="flex-end">
        {states.map(([state, ones]) => (
          <Badge key={state} color={serverColour[state] ?? 'gray'} variant="dot">
            {ones.length} {state}
          </Badge>
        ))}
      </Group>
    </SimpleGrid>
  )
}

function ServerTable({ servers, byServer, chosen }: { servers: readonly LiveServer[]; byServer: ByServer; chosen: string | null }): ReactNode {
  const operates = useMay('operator')
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Servers' } }}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Server</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Address</Table.Th>
            <Table.Th className="number">Players</Table.Th>
            <Table.Th className="number">Rooms</Table.Th>
            <Table.Th>Copies</Table.Th>
            {operates && <Table.Th>Actions</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {servers.map(({ id, state, draining, address, rooms }) => {
            const copies = byServer.get(id) ?? []
            return (
              <Table.Tr key={id} className={id === chosen ? 'chosen' : ''}>
                <Table.Td>{id}</Table.Td>
                <Table.Td>
                  <Group gap={4}>
                    <Badge color={serverColour[state] ?? 'gray'} variant="dot">
                      {state}
                    </Badge>
                    {draining && (
                      <Badge color="orange" variant="dot">
                        draining
                      </Badge>
                    )}
                  </Group>
                </Table.Td>
                <Table.Td>{address}</Table.Td>
                <Table.Td className="number">{copies.reduce((sum, { players }) => sum + players, 0)}</Table.Td>
                <Table.Td className="number">
                  {copies.length} / {rooms}
                </Table.Td>
                <Table.Td>
                  <Group gap={6}>
                    {copies.map((copy) => (
                      <Anchor key={copy.id} component={Link} href={`/copies/${encodeURIComponent(copy.id)}`}>
                        <Badge color={stateColour[copy.state]} variant="dot" tt="none" style={{ cursor: 'pointer' }}>
                          {copy.id} ({copy.players})
                        </Badge>
                      </Anchor>
                    ))}
                  </Group>
                </Table.Td>
                {operates && (
                  <Table.Td>
                    {serverActions({ id, draining }).map((action) => (
                      <ActionButton key={action.label} action={action} />
                    ))}
                  </Table.Td>
                )}
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
