import { Alert, Anchor, Badge, Card, Group, Progress, SimpleGrid, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { CopyAnswer } from '../../../model/wire/console.ts'
import type { LiveCopy } from '../../../model/wire/live.ts'
import { ActionButton } from '../actions/actionButton.tsx'
import { copyActions } from '../actions/actions.ts'
import { useWorld } from '../api/live.tsx'
import { get, RequestError } from '../api/request.ts'
import { useMay } from '../api/session.ts'
import { DecisionList } from '../player/decisionList.tsx'
import { useTab } from '../shell/useTab.ts'
import { count, duration, stateColour } from '../world/words.ts'
import { Players } from './players.tsx'

/** How often guilds, languages and decisions are read again, in ms. Counts of players are live. */
const READ_AGAIN_MS = 5_000

/** One copy: who is there, guilds, languages, its server, and the decisions about it. */
export default function CopyPage({ copy: id }: { copy: string }): ReactNode {
  const world = useWorld()
  const operates = useMay('operator')
  const [tab, setTab] = useTab('guilds')
  const { data, error } = useQuery({
    queryKey: ['copy', id],
    queryFn: () => get<CopyAnswer>(`/v1/copies/${encodeURIComponent(id)}`),
    refetchInterval: READ_AGAIN_MS,
  })
  const live = world?.copies.get(id)
  const gone = live === undefined && error instanceof RequestError && error.code === 'COPY_UNKNOWN'
  if (gone)
    return (
      <Stack align="flex-start">
        <Title order={1} size="h3">
          There is no copy {id}
        </Title>
        <Text>
          It has ended, or it never existed.{' '}
          <Anchor component={Link} href="/" underline="always">
            Back to the world
          </Anchor>
        </Text>
      </Stack>
    )
  if (live === undefined || world === undefined) return <Skeleton height={200} />
  const pin = world.holds.find((hold) => hold.copy === id)
  const map = world.maps.find((one) => one.map === live.map)
  return (
    <Stack>
      <Group gap="sm">
        <Title order={1} size="h3">
          {id}
        </Title>
        <Badge color={stateColour[live.state]} variant="dot">
          {live.reason === undefined ? live.state : `${live.state}: ${live.reason}`}
        </Badge>
        {pin !== undefined && (
          <Badge color="grape" variant="dot" title={`${pin.actor}: ${pin.reason}`}>
            pinned for {duration(pin.until - world.at)}
          </Badge>
        )}
        {operates && (
          <Group gap="xs" ml="auto">
            {copyActions(live, pin).map((action) => (
              <ActionButton key={action.label} action={action} />
            ))}
          </Group>
        )}
      </Group>
      <Facts copy={live} soft={map?.soft ?? 0} hard={map?.hard ?? 0} now={world.at} />
      {error !== null && <Alert color="orange">{error.message}</Alert>}
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="guilds">Guilds and languages</Tabs.Tab>
          <Tabs.Tab value="players">Players</Tabs.Tab>
          <Tabs.Tab value="decisions">Decisions</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="guilds" pt="md">
          {data === undefined ? <Skeleton height={100} /> : <Groups page={data} players={live.players + live.held} />}
        </Tabs.Panel>
        <Tabs.Panel value="players" pt="md">
          <Players copy={id} />
        </Tabs.Panel>
        <Tabs.Panel value="decisions" pt="md">
          {data === undefined ? <Skeleton height={100} /> : <DecisionList decisions={data.decisions} none="No recent decision names this copy." />}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function Facts({ copy, soft, hard, now }: { copy: LiveCopy; soft: number; hard: number; now: number }): ReactNode {
  const { map, server, players, held, created, since, deadline, successors = [] } = copy
  const share = (number: number): number => (hard === 0 ? 0 : (100 * number) / hard)
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Text>
          {count(players, 'player')}
          {held > 0 && `, ${held} entering`} of {soft} (soft cap) and {hard} (hard cap)
        </Text>
        <Progress.Root size="lg">
          <Progress.Section value={share(players)} color={stateColour[copy.state]} aria-label="Players, as a share of the hard cap" />
          <Progress.Section value={share(held)} color="gray" aria-label="Seats that are held, as a share of the hard cap" />
        </Progress.Root>
        <Text size="sm" c="dimmed">
          Map{' '}
          <Anchor component={Link} href={`/?map=${encodeURIComponent(map)}`} underline="always" size="sm">
            {map}
          </Anchor>
          , on server{' '}
          <Anchor component={Link} href={`/servers?server=${encodeURIComponent(server)}`} underline="always" size="sm">
            {server}
          </Anchor>
          , {duration(now - created)} old, {copy.state} for {duration(now - since)}
          {deadline !== undefined && `, busy players are moved in ${duration(deadline - now)}`}
        </Text>
        {successors.length > 0 && (
          <Text size="sm">
            Its players are moved to{' '}
            {successors.map((one, index) => (
              <span key={one}>
                {index > 0 && ', '}
                <Anchor component={Link} href={`/copies/${encodeURIComponent(one)}`} underline="always" size="sm">
                  {one}
                </Anchor>
              </span>
            ))}
          </Text>
        )}
      </Stack>
    </Card>
  )
}

function Groups({ page, players }: { page: CopyAnswer; players: number }): ReactNode {
  const rows = (list: { key: string; label: string; players: number }[], none: string): ReactNode =>
    list.length === 0 ? (
      <Text c="dimmed">{none}</Text>
    ) : (
      <Stack gap="xs">
        {list.map((one) => (
          <div key={one.key}>
            <Group justify="space-between">
              <Text size="sm">{one.label}</Text>
              <Text size="sm">{one.players}</Text>
            </Group>
            <Progress value={(100 * one.players) / Math.max(1, players)} aria-label={`${one.label}: ${one.players} of ${players}`} />
          </div>
        ))}
      </Stack>
    )
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Card withBorder>
        <Title order={2} size="h5" mb="sm">
          Guilds
        </Title>
        {rows(
          page.guilds.map(({ guild, name, players: number }) => ({ key: guild, label: name ?? guild, players: number })),
          'Nobody here is in a guild.',
        )}
      </Card>
      <Card withBorder>
        <Title order={2} size="h5" mb="sm">
          Languages
        </Title>
        {rows(
          page.languages.map(({ language, players: number }) => ({ key: language, label: languageName(language), players: number })),
          'Nobody is here.',
        )}
      </Card>
    </SimpleGrid>
  )
}

const languages = new Intl.DisplayNames(undefined, { type: 'language' })

function languageName(tag: string): string {
  try {
    return languages.of(tag) ?? tag
  } catch {
    return tag // not a tag that the browser knows
  }
}
