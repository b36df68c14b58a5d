import { useSearchParams } from 'wouter'

/** The open tab, in the address. */
export function useTab(first: string): [tab: string, set: (tab: string | null) => void] {
  const [search, setSearch] = useSearchParams()
  const set = (tab: string | null): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before)
        if (tab === null || tab === first) after.delete('tab')
        else after.set('tab', tab)
        return after
      },
      { replace: true },
    )
  return [search.get('tab') ?? first, set]
}
