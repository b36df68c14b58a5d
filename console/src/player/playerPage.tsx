import { Alert, Anchor, Badge, Card, Group, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { ExplainResponse } from '../../../model/wire/matchmaker.ts'
import { ActionButton } from '../actions/actionButton.tsx'
import { playerActions } from '../actions/actions.ts'
import { get } from '../api/request.ts'
import { useMay } from '../api/session.ts'
import { PlayerSearch } from '../shell/playerSearch.tsx'
import { useTab } from '../shell/useTab.ts'
import { DecisionList } from './decisionList.tsx'
import { Sanctions } from './sanctions.tsx'

const READ_AGAIN_MS = 5_000

/** One player: where, why, the history of moves, and sanctions. */
export default function PlayerPage({ player }: { player: string }): ReactNode {
  if (player === '')
    return (
      <Stack align="flex-start">
        <Title order={1} size="h3">
          Players
        </Title>
        <Text>Write the name or the id of a character.</Text>
        <PlayerSearch />
      </Stack>
    )
  return <OnePlayer player={player} />
}

function OnePlayer({ player }: { player: string }): ReactNode {
  const moderates = useMay('moderation')
  const [tab, setTab] = useTab('decisions')
  const { data, error } = useQuery({
    queryKey: ['player', player],
    queryFn: () => get<ExplainResponse>(`/v1/explain/${encodeURIComponent(player)}`),
    refetchInterval: READ_AGAIN_MS,
  })
  if (data === undefined)
    return error === null ? (
      <Skeleton height={200} />
    ) : (
      <Stack align="flex-start">
        <Title order={1} size="h3">
          {player}
        </Title>
        <Alert color="orange">{error.message}</Alert>
        <PlayerSearch />
      </Stack>
    )
  const moves = data.decisions.filter(({ kind }) => kind === 'move')
  return (
    <Stack>
      <Group gap="sm">
        <Title order={1} size="h3">
          {data.name}
        </Title>
        <Whereabouts at={data.whereabouts} />
        {moderates && (
          <Group gap="xs" ml="auto">
            {playerActions(data.character, data.name).map((action) => (
              <ActionButton key={action.label} action={action} />
            ))}
          </Group>
        )}
      </Group>
      <Facts player={data} />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="decisions">Why</Tabs.Tab>
          <Tabs.Tab value="moves">Moves</Tabs.Tab>
          {moderates && <Tabs.Tab value="sanctions">Sanctions</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="decisions" pt="md">
          <DecisionList decisions={data.decisions} none="No decision is stored about this character." />
        </Tabs.Panel>
        <Tabs.Panel value="moves" pt="md">
          <DecisionList decisions={moves} none="None of the last decisions moved this character." />
        </Tabs.Panel>
        {moderates && (
          <Tabs.Panel value="sanctions" pt="md">
            <Sanctions player={data.character} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Stack>
  )
}

function Whereabouts({ at }: { at: ExplainResponse['whereabouts'] }): ReactNode {
  if (at === undefined)
    return (
      <Badge color="gray" variant="dot">
        not in the world
      </Badge>
    )
  return (
    <Badge color={at.live ? 'teal' : 'yellow'} variant="dot">
      {at.live ? 'in the world' : at.seat === 'held' ? 'entering' : 'not live'}
    </Badge>
  )
}

function Facts({ player: { character, language, guild, guildName, party, whereabouts } }: { player: ExplainResponse }): ReactNode {
  return (
    <Card withBorder>
      <Stack gap={4}>
        {whereabouts !== undefined && (
          <Text>
            In {whereabouts.map}, copy{' '}
            <Anchor component={Link} href={`/copies/${encodeURIComponent(whereabouts.copy)}`} underline="always">
              {whereabouts.copy}
            </Anchor>
            {whereabouts.server !== undefined && `, on server ${whereabouts.server}`}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          Speaks {language}
          {guild !== undefined && `, guild ${guildName ?? guild}`}
          {party !== undefined && `, party ${party}`}, id {character}
        </Text>
      </Stack>
    </Card>
  )
}
