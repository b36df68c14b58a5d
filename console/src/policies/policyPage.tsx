import { Alert, Badge, Button, Group, Skeleton, Stack, Switch, Text, Title } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'
import type { PolicyText } from '../../../model/wire/console.ts'
import type { Action } from '../actions/action.ts'
import { ActionButton } from '../actions/actionButton.tsx'
import { get, request } from '../api/request.ts'
import { useMay } from '../api/session.ts'
import { Editor } from './editor.tsx'
import { problemsOf } from './problems.ts'
import { Trial } from './trial.tsx'

/** The policy of one map: edited, checked while typing, compared, tried, applied. */
export default function PolicyPage({ map }: { map: string }): ReactNode {
  const { data, error } = useQuery({ queryKey: ['policy', map], queryFn: () => get<PolicyText>(`/v1/policies/${encodeURIComponent(map)}`) })
  if (error !== null) return <Alert color="orange">{error.message}</Alert>
  if (data === undefined) return <Skeleton height={300} />
  return <PolicyEditor key={data.text} policy={data} />
}

interface Draft {
  text: string
  /** The text that the draft began with. */
  before: string
}

function PolicyEditor({ policy: { map, text, version, problem } }: { policy: PolicyText }): ReactNode {
  const queries = useQueryClient()
  const edits = useMay('policies')
  const [compares, setCompares] = useState(true)
  // Kept in the browser, so that no reload and no lost session loses a draft.
  const [draft, setDraft, forget] = useLocalStorage<Draft | null>({ key: `strata-draft-${map}`, defaultValue: null, getInitialValueInEffect: false })
  const [restart, setRestart] = useState(0)
  const current = draft?.text ?? text
  const outdated = draft !== null && draft.before !== text
  const problems = useMemo(() => problemsOf(map, current), [map, current])
  const differs = current !== text
  const apply: Action = {
    label: 'Apply',
    effect: `The draft replaces the policy of ${map} and takes effect within seconds.`,
    async run({ reason }) {
      const put = (next: string, before: string, why: string): Promise<unknown> =>
        request('PUT', `/v1/policies/${encodeURIComponent(map)}`, { text: next, before, reason: why })
      await put(current, text, reason)
      forget()
      await queries.invalidateQueries({ queryKey: ['policy', map] })
      return { label: 'Earlier policy', run: (why) => put(text, current.endsWith('\n') ? current : `${current}\n`, why) }
    },
  }
  return (
    <Stack>
      <Group gap="sm">
        <Title order={1} size="h3">
          Policy of {map}
        </Title>
        <Badge variant="dot" color="gray">
          version {version}
        </Badge>
        {differs && (
          <Badge variant="dot" color={problems.length === 0 ? 'blue' : 'red'}>
            {problems.length === 0 ? 'draft' : `draft with ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`}
          </Badge>
        )}
      </Group>
      {problem !== undefined && (
        <Alert color="red" title="The stored policy was refused; the last valid one stays in force">
          {problem}
        </Alert>
      )}
      {outdated && <Alert color="orange">The policy was changed after this draft began. Compare them before you apply the draft.</Alert>}
      {!edits && <Text c="dimmed">Your role may read policies. A designer or an operator may change them.</Text>}
      <Editor
        key={restart}
        label={`Policy of ${map}`}
        text={current}
        compareWith={compares && differs ? text : undefined}
        readOnly={!edits}
        problemsOf={(typed) => problemsOf(map, typed)}
        onChange={(typed) => (typed === text ? forget() : setDraft({ text: typed, before: draft?.before ?? text }))}
      />
      <Text component="div" role="status" size="sm" c={problems.length === 0 ? 'dimmed' : 'red'}>
        {problems.length === 0 ? 'No problems.' : problems.map(({ line, message }) => `Line ${line}: ${message}`).join(' ')}
      </Text>
      <Group>
        <Switch label="Show changes" checked={compares} onChange={(event) => setCompares(event.currentTarget.checked)} />
        {edits && differs && (
          <>
            {problems.length === 0 && <ActionButton action={apply} size="sm" />}
            <Button
              variant="default"
              onClick={() => {
                forget()
                setRestart(restart + 1)
              }}
            >
              Discard the draft
            </Button>
          </>
        )}
      </Group>
      {edits && <Trial map={map} text={current} ready={problems.length === 0 && differs} />}
    </Stack>
  )
}
