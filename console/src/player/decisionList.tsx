import { Accordion, Anchor, Badge, Code, Group, Stack, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { filterSentence } from '../../../score/filterSentence.ts'
import { moment } from '../world/words.ts'
import { type Candidate, figure, tierCells } from './candidates.ts'

/** A decision as the wire has it; a newer matchmaker may have more kinds. */
export interface ShownDecision {
  id: string
  at: number
  kind: string
  map: string
  copy?: string | undefined
  characters: string[]
  reason: string
  policyVersion: string
  candidates: Candidate[]
  inputs: Record<string, unknown>
}

const kindColour: Record<string, string> = {
  place: 'teal',
  move: 'grape',
  refuse: 'red',
  wait: 'yellow',
  open: 'blue',
  reopen: 'blue',
  close: 'orange',
  lost: 'red',
}

/** Decisions with their reasons; each opens to its candidates, all terms of their scores, and its inputs. */
export function DecisionList({ decisions, none }: { decisions: readonly ShownDecision[]; none: string }): ReactNode {
  if (decisions.length === 0) return <Text c="dimmed">{none}</Text>
  return (
    <Accordion multiple defaultValue={[]} variant="separated">
      {decisions.map((decision) => (
        <Accordion.Item key={decision.id} value={decision.id}>
          <Accordion.Control>
            <Group gap="sm">
              <Badge color={kindColour[decision.kind] ?? 'gray'} variant="dot">
                {decision.kind}
              </Badge>
              <Text size="sm" c="dimmed" component="time" dateTime={new Date(decision.at).toISOString()}>
                {moment(decision.at)}
              </Text>
              <Text size="sm" style={{ flex: '1 1 16rem' }}>
                {decision.reason}
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Details decision={decision} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  )
}

function Details({ decision: { map, copy, characters, candidates, policyVersion, inputs } }: { decision: ShownDecision }): ReactNode {
  return (
    <Stack gap="sm">
      <Text size="sm">
        Map {map}
        {copy !== undefined && (
          <>
            , copy{' '}
            <Anchor component={Link} href={`/copies/${encodeURIComponent(copy)}`} underline="always" size="sm">
              {copy}
            </Anchor>
          </>
        )}
        , policy version {policyVersion}
        {characters.length > 1 && `, ${characters.length} characters together`}
      </Text>
      {candidates.length > 0 && <Candidates candidates={candidates} chosen={copy} />}
      {Object.keys(inputs).length > 0 && (
        <Code block>
          {Object.entries(inputs)
            .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
            .join('\n')}
        </Code>
      )}
    </Stack>
  )
}

function Candidates({ candidates, chosen }: { candidates: readonly Candidate[]; chosen: string | undefined }): ReactNode {
  const terms = [...new Set(candidates.flatMap((candidate) => Object.keys(candidate.terms ?? {})))].sort()
  const tiers = tierCells(candidates, terms)
  return (
    <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'Candidates' } }}>
      <Table withTableBorder fz="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Candidate</Table.Th>
            <Table.Th className="number">People</Table.Th>
            <Table.Th className="number">Limit</Table.Th>
            {[...tiers.names, ...terms, 'score'].map((name) => (
              <Table.Th key={name} className="number">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {candidates.map((candidate) => (
            <Table.Tr key={candidate.copy} fw={candidate.copy === chosen ? 700 : undefined}>
              <Table.Td>
                {candidate.copy}
                {candidate.copy === chosen && ' (chosen)'}
              </Table.Td>
              <Table.Td className="number">{candidate.population}</Table.Td>
              <Table.Td className="number">{candidate.limit}</Table.Td>
              {candidate.filtered === undefined ? (
                [...tiers.of(candidate), ...terms.map((term) => figure(candidate.terms?.[term])), figure(candidate.score)].map((text, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the columns do not change
                  <Table.Td key={index} className="number">
                    {text}
                  </Table.Td>
                ))
              ) : (
                <Table.Td colSpan={tiers.names.length + terms.length + 1}>left out: {filterSentence(candidate.filtered)}</Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
