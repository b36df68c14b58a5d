import { Alert, Button, Center, Divider, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { SessionAnswer } from '../../../model/wire/console.ts'
import { post } from '../api/request.ts'
import { remembered } from '../api/session.ts'

export function SignIn({ methods }: { methods: SessionAnswer['methods'] }): ReactNode {
  const refused = new URLSearchParams(location.search).get('refused')
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" radius="md" w={380} maw="100%">
        <Stack>
          <div>
            <Title order={1} size="h2">
              Strata
            </Title>
            <Text c="dimmed" size="sm">
              Console of this world
            </Text>
          </div>
          {refused !== null && (
            <Alert color="red" title="You were not signed in">
              {refused}
            </Alert>
          )}
          {methods.includes('openid') && <OpenIdButton />}
          {methods.includes('openid') && methods.includes('password') && <Divider label="or with a local account" />}
          {methods.includes('password') && <PasswordForm />}
        </Stack>
      </Paper>
    </Center>
  )
}

function OpenIdButton(): ReactNode {
  const search = new URLSearchParams(location.search)
  search.delete('refused')
  const back = `${location.pathname}${search.size === 0 ? '' : `?${search}`}`
  return (
    <Button component="a" href={`/v1/session/openid?back=${encodeURIComponent(back)}`}>
      Sign in with the studio's account
    </Button>
  )
}

function PasswordForm(): ReactNode {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => post<SessionAnswer>('/v1/session', { name, password }).then(remembered),
    onSuccess: (answer) => queries.setQueryData(['session'], answer),
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    signIn.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Name" name="username" autoComplete="username" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={signIn.error?.message}
        />
        <Button type="submit" loading={signIn.isPending}>
          Sign in
        </Button>
      </Stack>
    </form>
  )
}
