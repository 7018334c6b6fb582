// A page: what it asks of the API, and how that looks.

import { type ComponentChild, type ComponentType, createElement } from 'preact'
import type { Call } from './call.js'

export interface Address {
  /** Path and query. */
  readonly whole: string
  /** What stands in the path where the pattern has a name. */
  readonly names: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

export interface Page {
  /** Kinds of news after which it is read anew, and now and then besides; undefined: with each tick. */
  readonly concerns: readonly string[] | undefined
  load(asked: Loading): Promise<unknown>
  draw(data: unknown, address: Address): ComponentChild
}

export interface Loading<Data = unknown> {
  readonly call: Call
  readonly address: Address
  /** What it gave last, of this page and revision: some of it lasts. */
  readonly before?: Data | undefined
  /** For the page as the server writes it: enough to read, and small; the rest follows at once. */
  readonly isFirst: boolean
}

interface PageOf<Data> {
  readonly concerns?: readonly string[]
  load(asked: Loading<Data>): Promise<Data>
  readonly View: ComponentType<{ readonly data: Data; readonly address: Address }>
}

export function definePage<Data>({ View, load, concerns }: PageOf<Data>): Page {
  // It is drawn with what its own loader gave, through JSON at most.
  return {
    concerns,
    load: ({ before, ...asked }) => load({ ...asked, before: before as Data | undefined }),
    draw: (data, address) => createElement(View, { data: data as Data, address }),
  }
}

/** What the path says where the pattern has names; null: it is another page's. */
export function namesIn(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/')
  const found = path.split('/')
  if (wanted.length !== found.length) return null
  const names: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const said = found[i]!
    if (!part.startsWith(':')) {
      if (part !== said) return null
      continue
    }
    if (said === '') return null
    try {
      names[part.slice(1)] = decodeURIComponent(said)
    } catch {
      return null
    }
  }
  return names
}

/** The same page with another query; what is undefined or empty goes. */
export function withQuery(address: Address, change: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams(address.query)
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, value)
  }
  const said = query.toString()
  const path = address.whole.split('?', 1)[0]!
  return said === '' ? path : `${path}?${said}`
}
