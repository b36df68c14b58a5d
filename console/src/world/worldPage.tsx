import { Alert, Badge, Group, SegmentedControl, Select, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useMemo } from 'react'
import type { LiveCopy } from '../../../model/wire/live.ts'
import { ActionButton } from '../actions/actionButton.tsx'
import { announcement, mapActions } from '../actions/actions.ts'
import { useWorld } from '../api/live.tsx'
import type { World } from '../api/liveStore.ts'
import { useMay } from '../api/session.ts'
import { useSearchValues } from '../shell/useSearchValues.ts'
import { CopyTable } from './copyTable.tsx'
import { Picture } from './picture.tsx'
import { duration, stateColour } from './words.ts'

/** The live picture of the world. What is shown is in the address, so that it survives a reload and can be sent to others. */
export function WorldPage(): ReactNode {
  const world = useWorld()
  const [search, set] = useSearchValues()
  const view = search.get('view') === 'table' ? 'table' : 'picture'
  const map = search.get('map')
  const maps = useMemo(() => world?.maps.filter((one) => map === null || one.map === map) ?? [], [world?.maps, map])
  const copies = useMemo(() => [...(world?.copies.values() ?? [])].filter((copy) => map === null || copy.map === map), [world?.copies, map])
  if (world === undefined) return <Skeleton height={300} />
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Title order={1} size="h3">
          World
        </Title>
        <Group gap="xs">
          <Select
            aria-label="Map"
            placeholder="All maps"
            clearable
            searchable
            data={world.maps.map((one) => one.map)}
            value={map}
            onChange={(value) => set('map', value)}
            w={160}
          />
          <SegmentedControl
            aria-label="View"
            value={view}
            onChange={(value) => set('view', value === 'table' ? 'table' : null)}
            data={[
              { value: 'picture', label: 'Picture' },
              { value: 'table', label: 'Table' },
            ]}
          />
        </Group>
      </Group>
      <Figures world={world} copies={copies} />
      <MapActions maps={maps} world={world} map={map} />
      {maps.flatMap(({ map: name, policyError }) =>
        policyError === undefined
          ? []
          : [
              <Alert key={name} color="red" title={`The newest policy of ${name} was refused; the last valid one stays in force`}>
                {policyError}
              </Alert>,
            ],
      )}
      {view === 'table' ? <CopyTable copies={copies} maps={world.maps} now={world.at} /> : <Picture maps={maps} copies={copies} />}
      {view === 'picture' && <Legend />}
    </Stack>
  )
}

/** Actions on the chosen map, and the orders of operators that last. */
function MapActions({ maps, world, map }: { maps: World['maps']; world: World; map: string | null }): ReactNode {
  const operates = useMay('operator')
  const moderates = useMay('moderation')
  const [only] = map === null ? [] : maps
  const held = world.holds.filter((hold) => hold.copy === undefined)
  const actions = [
    ...(operates && only !== undefined
      ? mapActions(
          only,
          held.find((hold) => hold.map === only.map),
        )
      : []),
    ...(moderates ? [announcement(map)] : []),
  ]
  if (actions.length === 0 && held.length === 0) return null
  return (
    <Group gap="xs">
      {actions.map((action) => (
        <ActionButton key={action.label} action={action} />
      ))}
      {held.map((hold) => (
        <Badge key={hold.id} color="grape" variant="dot" title={`${hold.actor}: ${hold.reason}`}>
          {hold.map}: merges held for {duration(hold.until - world.at)}
        </Badge>
      ))}
    </Group>
  )
}

function Figures({ world, copies }: { world: World; copies: readonly LiveCopy[] }): ReactNode {
  const figures: [string, number][] = [
    ['players', copies.reduce((sum, { players }) => sum + players, 0)],
    ['entering', copies.reduce((sum, { held }) => sum + held, 0)],
    ['in line', world.maps.reduce((sum, { waiting }) => sum + waiting, 0)],
    ['copies', copies.length],
    ['servers', world.servers.length],
    ['moves ordered', world.totals.movesOrdered],
  ]
  return (
    <SimpleGrid cols={{ base: 3, xs: 6 }} spacing="sm">
      {figures.map(([name, value]) => (
        <div key={name}>
          <Text fw={700} size="xl" style={{ fontVariantNumeric: 'tabular-nums' }}>
            {value.toLocaleString()}
          </Text>
          <Text size="sm" c="dimmed">
            {name}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  )
}

const states = [
  ['open', 'open'],
  ['opening', 'opening'],
  ['closing', 'closing'],
  ['lost', 'its server is lost'],
] as const

function Legend(): ReactNode {
  return (
    <Group gap="xs">
      {states.map(([state, label]) => (
        <Badge key={state} color={stateColour[state]} variant="dot">
          {label}
        </Badge>
      ))}
      <Text size="sm" c="dimmed">
        The square of a copy grows with its players; the slot around it is the hard cap.
      </Text>
    </Group>
  )
}
