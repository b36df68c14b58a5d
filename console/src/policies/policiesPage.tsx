import { Anchor, Badge, Skeleton, Stack, Table, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useWorld } from '../api/live.tsx'

/** The policies in force. */
export default function PoliciesPage(): ReactNode {
  const world = useWorld()
  if (world === undefined) return <Skeleton height={200} />
  return (
    <Stack>
      <Title order={1} size="h3">
        Policies
      </Title>
      <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Policies' } }}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Map</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th>Version</Table.Th>
              <Table.Th className="number">Soft / hard</Table.Th>
              <Table.Th>State</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {world.maps.map(({ map, kind, policyVersion, soft, hard, policyError }) => (
              <Table.Tr key={map}>
                <Table.Td>
                  <Anchor component={Link} href={`/policies/${encodeURIComponent(map)}`}>
                    {map}
                  </Anchor>
                </Table.Td>
                <Table.Td>{kind}</Table.Td>
                <Table.Td>{policyVersion}</Table.Td>
                <Table.Td className="number">
                  {soft} / {hard}
                </Table.Td>
                <Table.Td>
                  <Badge color={policyError === undefined ? 'teal' : 'red'} variant="dot">
                    {policyError === undefined ? 'in force' : 'newest refused'}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}
