import { Alert, Center, Container } from '@mantine/core'
import type { ReactNode } from 'react'

export function Unreachable({ error }: { error: Error }): ReactNode {
  return (
    <Center component="main" h="100vh">
      <Container size="xs">
        <Alert color="red" title="The console cannot reach an orchestrator">
          {error.message} Reload the page when one runs again.
        </Alert>
      </Container>
    </Center>
  )
}
