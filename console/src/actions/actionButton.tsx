import { Button, type ButtonProps } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Action } from './action.ts'

/** Loaded with the first act: the picture of the world needs no form. */
const ActionDialog = lazy(() => import('./actionDialog.tsx'))

/** A button that asks for a reason before it acts. */
export function ActionButton({ action, size = 'xs' }: { action: Action; size?: NonNullable<ButtonProps['size']> }): ReactNode {
  const [opened, { open, close }] = useDisclosure(false)
  const [used, setUsed] = useState(false)
  return (
    <>
      <Button
        size={size}
        variant="default"
        onClick={() => {
          setUsed(true)
          open()
        }}
      >
        {action.label}
      </Button>
      {used && (
        <Suspense fallback={null}>
          <ActionDialog action={action} opened={opened} close={close} />
        </Suspense>
      )}
    </>
  )
}
