import { Anchor, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'

export function NotFound(): ReactNode {
  return (
    <Stack align="flex-start">
      <Title order={2}>There is no such page</Title>
      <Text>
        Go to the{' '}
        <Anchor component={Link} href="/" underline="always">
          picture of the world
        </Anchor>
        .
      </Text>
    </Stack>
  )
}
