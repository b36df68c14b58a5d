import { Alert, Button, Group, Modal, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Action, Undo } from './action.ts'

const sanctionTimes = [
  { value: '60', label: '1 hour' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '7 days' },
  { value: '43200', label: '30 days' },
  { value: 'lifted', label: 'Until it is lifted' },
]
const HOLD_MINUTES = 60
/** Time to press "Undo", in ms. */
const UNDO_MS = 20_000
/** Longest reason or text, in characters (model/wire). */
const MAX_TEXT = 500

/** Asks for a reason, acts, and offers to undo what can be undone. */
export default function ActionDialog({ action, opened, close }: { action: Action; opened: boolean; close: () => void }): ReactNode {
  return (
    <Modal opened={opened} onClose={close} title={action.label} closeButtonProps={{ 'aria-label': 'Close this dialog' }}>
      <ActionForm action={action} done={close} />
    </Modal>
  )
}

function ActionForm({ action, done }: { action: Action; done: () => void }): ReactNode {
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const [text, setText] = useState('')
  const [minutes, setMinutes] = useState<number | string>(HOLD_MINUTES)
  const [time, setTime] = useState<string>('1440')
  const acting = useMutation({
    mutationFn: () =>
      action.run({ reason: reason.trim(), text: text.trim(), minutes: action.asksTime === 'sanction' ? sanctionMinutes(time) : Number(minutes) }),
    onSuccess: (undo) => {
      report(action, undo, reason.trim(), () => void queries.invalidateQueries())
      void queries.invalidateQueries()
      done()
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    acting.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{action.effect}</Text>
        {action.asksText === true && (
          <Textarea
            label="Text"
            required
            autosize
            minRows={2}
            maxLength={MAX_TEXT}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {action.asksTime === 'hold' && <NumberInput label="For how long" suffix=" min" required min={1} max={10_080} value={minutes} onChange={setMinutes} />}
        {action.asksTime === 'sanction' && (
          <Select label="For how long" data={sanctionTimes} value={time} allowDeselect={false} onChange={(value) => setTime(value ?? 'lifted')} />
        )}
        {action.asksText !== true && (
          <Textarea
            label="Reason"
            description={action.reasonIsShown === true ? 'The player sees it, and the audit log stores it.' : 'The audit log stores it.'}
            required
            autosize
            minRows={2}
            maxLength={MAX_TEXT}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
        )}
        {acting.error !== null && <Alert color="red">{acting.error.message}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={done}>
            Cancel
          </Button>
          <Button type="submit" color={action.color ?? 'teal'} loading={acting.isPending}>
            {action.label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function sanctionMinutes(time: string): number | undefined {
  return time === 'lifted' ? undefined : Number(time)
}

function report(action: Action, undo: Undo | undefined, reason: string, changed: () => void): void {
  const id = notifications.show({
    title: `${action.label}: done`,
    message: undo && (
      <Button
        size="xs"
        variant="default"
        mt={4}
        onClick={() => {
          notifications.hide(id)
          undo.run(`undone: ${reason}`.slice(0, MAX_TEXT)).then(
            () => {
              notifications.show({ title: `${undo.label}: done`, message: '' })
              changed()
            },
            (error: Error) => notifications.show({ color: 'red', title: `${undo.label}: refused`, message: error.message }),
          )
        }}
      >
        Undo
      </Button>
    ),
    autoClose: undo === undefined ? 5_000 : UNDO_MS,
  })
}
