import { useSearchValues } from './useSearchValues.ts'

/** The open tab, in the address. */
export function useTab(first: string): [tab: string, set: (tab: string | null) => void] {
  const [values, set] = useSearchValues()
  return [values.get('tab') ?? first, (tab) => set('tab', tab === first ? null : tab)]
}
