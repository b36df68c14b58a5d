import { Alert, Card, Group, SegmentedControl, Select, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { TimelineAnswer } from '../../../model/wire/console.ts'
import { get } from '../api/request.ts'
import { useSearchValues } from '../shell/useSearchValues.ts'
import { Plot, type PlotSeries } from './plot.tsx'

const READ_EVERY_MS = 10_000
const spans = [
  { value: '30', label: '30 min' },
  { value: '120', label: '2 h' },
  { value: '360', label: '6 h' },
]

const percent = (share: number): string => `${Math.round(share * 100)} %`
const whole = (value: number): string => String(Math.round(value))

/** Players, copies, line, moves and cohesion over the last hours. */
export default function TimelinePage(): ReactNode {
  const [search, set] = useSearchValues()
  const span = spans.some(({ value }) => value === search.get('span')) ? (search.get('span') ?? '30') : '30'
  const map = search.get('map')
  const { data, error } = useQuery({
    queryKey: ['timeline', span],
    queryFn: () => get<TimelineAnswer>(`/v1/timeline?since=${Date.now() - Number(span) * 60_000}`),
    refetchInterval: READ_EVERY_MS,
  })
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Time lines
        </Title>
        <Group gap="xs">
          <Select
            aria-label="Map"
            placeholder="All maps"
            clearable
            data={data?.maps.map((one) => one.map) ?? []}
            value={map}
            onChange={(value) => set('map', value)}
            w={160}
          />
          <SegmentedControl aria-label="Time" data={spans} value={span} onChange={(value) => set('span', value)} />
        </Group>
      </Group>
      {error !== null && <Alert color="orange">{error.message}</Alert>}
      {data === undefined ? <Skeleton height={400} /> : <Plots data={data} map={map} />}
      <Text size="sm" c="dimmed">
        The orchestrator keeps a sample every ten seconds, for six hours since its start. The metrics of Prometheus reach further back.
      </Text>
    </Stack>
  )
}

function Plots({ data, map }: { data: TimelineAnswer; map: string | null }): ReactNode {
  if (data.at.length < 2) return <Text c="dimmed">The orchestrator started a moment ago; its first samples come within twenty seconds.</Text>
  const own = map === null ? data : data.maps.find((one) => one.map === map)
  const times = data.at.map((at) => at / 1000)
  const plots: { title: string; series: PlotSeries[]; format: (value: number) => string }[] = [
    ...(own === undefined
      ? []
      : [
          { title: 'Players', series: [{ label: 'players', colour: 'teal', values: own.players }], format: whole },
          { title: 'Copies', series: [{ label: 'copies', colour: 'blue', values: own.copies }], format: whole },
          { title: 'In line', series: [{ label: 'in line', colour: 'orange', values: own.waiting }], format: whole },
        ]),
    ...(map === null
      ? [
          { title: 'Moves ordered, per sample', series: [{ label: 'moves', colour: 'grape', values: data.moves }], format: whole },
          {
            title: 'Cohesion: pairs in one copy, of all pairs on one map',
            series: [
              { label: 'guilds', colour: 'teal', values: data.guildCohesion },
              { label: 'parties', colour: 'grape', values: data.partyCohesion },
              { label: 'friends', colour: 'blue', values: data.friendCohesion },
            ],
            format: percent,
          },
          {
            title: 'Own language in the copy, of the best possible',
            series: [{ label: 'language', colour: 'orange', values: data.languageShare }],
            format: percent,
          },
        ]
      : []),
  ]
  return plots.map(({ title, series, format }) => (
    <Card key={title} withBorder padding="sm">
      <Title order={2} size="h6">
        {title}
      </Title>
      <Plot title={title} times={times} series={series} format={format} />
    </Card>
  ))
}
