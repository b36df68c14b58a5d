import { Alert, Button, Card, Group, Progress, Stack, Table, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { defined } from '../../../model/defined.ts'
import type { TrialLine } from '../../../model/wire/console.ts'
import { refusal, send } from '../api/request.ts'
import { scoreRows } from './scores.ts'

type Result = Extract<TrialLine, { type: 'result' }>
type Day = Extract<TrialLine, { type: 'day' }>
type State =
  | { at: 'rest' }
  | { at: 'running'; percent: number; day?: Day }
  | { at: 'failed'; message: string }
  | { at: 'done'; result: Result; text: string; day: Day | undefined }

/** Runs the recorded day with the policies in force and with the draft, and shows both results. */
export function Trial({ map, text, ready }: { map: string; text: string; ready: boolean }): ReactNode {
  const [state, setState] = useState<State>({ at: 'rest' })
  const stop = useRef(new AbortController())
  useEffect(() => () => stop.current.abort(), [])
  const run = async (): Promise<void> => {
    stop.current = new AbortController()
    setState({ at: 'running', percent: 0 })
    let day: Day | undefined
    try {
      for await (const line of lines(map, text, stop.current.signal)) {
        // The two runs come one after the other.
        if (line.type === 'day') day = line
        else if (line.type === 'progress') setState(defined({ at: 'running' as const, percent: (line.run === 'today' ? 0 : 50) + line.percent / 2, day }))
        else if (line.type === 'failed') setState({ at: 'failed', message: line.message })
        else setState({ at: 'done', result: line, text, day })
      }
    } catch (error) {
      setState(stop.current.signal.aborted ? { at: 'rest' } : { at: 'failed', message: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            Try it
          </Title>
          {state.at === 'running' ? (
            <Button variant="default" onClick={() => stop.current.abort()}>
              Stop
            </Button>
          ) : (
            <Button onClick={() => void run()} disabled={!ready}>
              Try the draft
            </Button>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          Simulates what was recorded of the last day twice: with the policies in force, and with the draft. Nothing in the world changes.
          {!ready && ' Change the policy first; a draft with problems cannot be tried.'}
        </Text>
        {state.at === 'running' && state.day !== undefined && <Text size="sm">{dayWords(state.day)}</Text>}
        {state.at === 'running' && <Progress value={state.percent} animated aria-label="Progress of the trial" />}
        {state.at === 'failed' && <Alert color="orange">{state.message}</Alert>}
        {state.at === 'done' && <Scores result={state.result} day={state.day} current={state.text === text} />}
      </Stack>
    </Card>
  )
}

async function* lines(map: string, text: string, signal: AbortSignal): AsyncGenerator<TrialLine> {
  const response = await send('POST', `/v1/policies/${encodeURIComponent(map)}/try`, { text }, signal)
  if (!response.ok || response.body === null) throw refusal(response.status, await response.json().catch(() => undefined))
  let rest = ''
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const parts = (rest + value).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield JSON.parse(part) as TrialLine // sent by orchestrator/console/policyRoutes.ts of the same release
  }
}

function Scores({ result: { scores, plot }, day, current }: { result: Result; day: Day | undefined; current: boolean }): ReactNode {
  return (
    <Stack gap="sm">
      {day !== undefined && <Text size="sm">{dayWords(day)}</Text>}
      {!current && <Alert color="gray">The draft was changed after this trial.</Alert>}
      <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Results of the trial' } }}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Figure</Table.Th>
              <Table.Th className="number">In force</Table.Th>
              <Table.Th className="number">Draft</Table.Th>
              <Table.Th className="number">Change</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {scoreRows(scores).map(({ name, today, draft, change, better }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td className="number">{today}</Table.Td>
                <Table.Td className="number">{draft}</Table.Td>
                <Table.Td className="number" fw={better === undefined ? 400 : 700} c={better === undefined ? 'dimmed' : better ? 'teal' : 'red'}>
                  {change}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <img
        src={`data:image/svg+xml,${encodeURIComponent(plot)}`}
        alt="Players, copies and moves over the recorded time, in force and draft"
        style={{ width: '100%', background: '#fff', borderRadius: 8 }}
      />
    </Stack>
  )
}

/** On which day the trial runs, and with how many people. */
function dayWords(day: Day): string {
  if (day.day === 'file') return 'On the day of the file that CONSOLE_DAY names.'
  if (day.day === 'generated') return `On a generated ordinary day on the maps of this world, because ${day.why}.`
  const { from, until, recordedMs, people } = day
  const [begin, end] = [from, until].map((at) => new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }))
  return `On ${lengthWords(recordedMs)} of this world, recorded from ${begin} until ${end}, with ${people.toLocaleString()} people.`
}

function lengthWords(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`
}
