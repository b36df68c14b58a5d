import { Alert, Badge, Group, Skeleton, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { UNTIL_LIFTED } from '../../../model/people/sanction.ts'
import type { PlayerAnswer } from '../../../model/wire/moderation.ts'
import { ActionButton } from '../actions/actionButton.tsx'
import { liftSanction } from '../actions/actions.ts'
import { get } from '../api/request.ts'
import { moment } from '../world/words.ts'

/** Bans and mutes of the player's account, and what moderators did to it. */
export function Sanctions({ player }: { player: string }): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['moderation', player],
    queryFn: () => get<PlayerAnswer>(`/v1/moderation/players/${encodeURIComponent(`character:${player}`)}`),
  })
  if (error !== null) return <Alert color="orange">{error.message}</Alert>
  if (data === undefined) return <Skeleton height={100} />
  return (
    <Stack>
      <Group>
        <Sanction player={player} name="ban" sanction={data.ban} />
        <Sanction player={player} name="mute" sanction={data.mute} />
      </Group>
      <Text size="sm" c="dimmed">
        Account {data.account}
        {data.displayName !== undefined && ` (${data.displayName})`}, characters: {data.characters.map(({ name }) => name).join(', ')}
      </Text>
      <AuditTable entries={data.entries} none="Nobody did anything to this account." />
    </Stack>
  )
}

function Sanction({ player, name, sanction }: { player: string; name: 'ban' | 'mute'; sanction: PlayerAnswer['ban'] }): ReactNode {
  if (sanction === undefined || sanction.until < Date.now())
    return (
      <Badge color="gray" variant="dot">
        no {name}
      </Badge>
    )
  return (
    <Group gap="xs">
      <Badge color="red" variant="dot">
        {name} {sanction.until >= UNTIL_LIFTED ? 'until it is lifted' : `until ${moment(sanction.until)}`}: {sanction.reason}
      </Badge>
      <ActionButton action={liftSanction(player, name)} />
    </Group>
  )
}

export function AuditTable({ entries, none }: { entries: PlayerAnswer['entries']; none: string }): ReactNode {
  if (entries.length === 0) return <Text c="dimmed">{none}</Text>
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Audit log' } }}>
      <Table striped>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>Did</Table.Th>
            <Table.Th>To</Table.Th>
            <Table.Th>Reason</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map(({ at, actor, action, subject, reason, details }) => (
            <Table.Tr key={`${at} ${action} ${subject}`}>
              <Table.Td>{moment(at)}</Table.Td>
              <Table.Td>{actor}</Table.Td>
              <Table.Td>{action}</Table.Td>
              <Table.Td>{subject}</Table.Td>
              <Table.Td>{reason ?? (details === undefined || Object.keys(details).length === 0 ? '' : JSON.stringify(details))}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
