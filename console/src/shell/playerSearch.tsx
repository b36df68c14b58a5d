import { ActionIcon, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useLocation } from 'wouter'

/** Opens the page of a player by name or id. */
export function PlayerSearch(): ReactNode {
  const [name, setName] = useState('')
  const [, go] = useLocation()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (name.trim() === '') return
    go(`/players/${encodeURIComponent(name.trim())}`)
    setName('')
  }
  return (
    <search>
      <form onSubmit={submit}>
        <TextInput
          aria-label="Player by name or id"
          placeholder="Player"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          w={{ base: 108, xs: 200 }}
          rightSection={
            <ActionIcon type="submit" variant="subtle" color="gray" aria-label="Open the player's page">
              <IconSearch size={16} aria-hidden />
            </ActionIcon>
          }
        />
      </form>
    </search>
  )
}
