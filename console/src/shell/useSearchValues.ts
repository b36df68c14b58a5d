import { useSearchParams } from 'wouter'

/** The values in the address, and a function that sets one of them or removes it (null). The browser's history gets no entry for it. */
export function useSearchValues(): [values: URLSearchParams, set: (key: string, value: string | null) => void] {
  const [values, setValues] = useSearchParams()
  const set = (key: string, value: string | null): void =>
    setValues(
      (before) => {
        const after = new URLSearchParams(before)
        if (value === null) after.delete(key)
        else after.set(key, value)
        return after
      },
      { replace: true },
    )
  return [values, set]
}
