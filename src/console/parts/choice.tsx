// A choice that stands in the address, so that a link to the page shows the same.

import { type Address, withQuery } from '../page.js'
import { useStore } from '../store.js'

interface Props {
  readonly label: string
  /** In the query. */
  readonly name: string
  readonly address: Address
  readonly options: readonly (readonly [value: string, said: string])[]
  /** What holds where the address says nothing. */
  readonly usual?: string
}

export function Choice({ label, name, address, options, usual = '' }: Props) {
  const store = useStore()
  const value = address.query.get(name) ?? usual
  return (
    <label>
      {label}
      <select
        name={name}
        value={value}
        onChange={({ currentTarget: { value: chosen } }) =>
          store.go(withQuery(address, { [name]: chosen === usual ? undefined : chosen }), true)
        }
      >
        {options.map(([option, said]) => (
          <option key={option} value={option} selected={option === value}>
            {said}
          </option>
        ))}
      </select>
    </label>
  )
}
