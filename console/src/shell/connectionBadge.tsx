import { Badge, Tooltip } from '@mantine/core'
import type { ReactNode } from 'react'
import { useConnection, useWorld } from '../api/live.tsx'

/** Whether the picture is live, and which orchestrator draws it. */
export function ConnectionBadge(): ReactNode {
  const connection = useConnection()
  const world = useWorld()
  const [color, label, meaning] =
    connection === 'lost'
      ? ['red', 'reconnecting', 'The orchestrator does not answer. The page shows the last picture and connects again by itself.']
      : connection === 'connecting' || world === undefined
        ? ['gray', 'connecting', 'The page waits for the first picture.']
        : !world.ready
          ? ['orange', 'old numbers', 'The directory (Redis) does not answer; the numbers may be old.']
          : world.leader
            ? ['teal', 'live', 'The orchestrator that answers is the leader.']
            : ['blue', 'live', 'The orchestrator that answers waits to replace the leader.']
  return (
    <Tooltip label={meaning} multiline w={260} events={{ hover: true, focus: true, touch: true }}>
      <Badge color={color} variant="dot" role="status" tabIndex={0} style={{ flexShrink: 0 }}>
        {label}
      </Badge>
    </Tooltip>
  )
}
