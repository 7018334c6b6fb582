// How an edge from elsewhere comes in: the line that a person carries to the gateway, and what the gateway gets for it.

import type { UnixMilliseconds } from './units.js'

/** How rates come to a gateway: from the volatile store, or from the API of any controller. */
export const EDGE_WAYS = ['redis', 'https'] as const
export type EdgeWay = (typeof EDGE_WAYS)[number]

export interface JoinLine {
  readonly edge: string
  /** Of the API, as the gateway reaches it. */
  readonly address: string
  /** Of other controllers of the plane, which will do as well. */
  readonly others: readonly string[]
  /** SHA-256 (64 hex digits) of the certificate that vouches for it; null: whom the gateway trusts anyway decides. */
  readonly fingerprint: string | null
  /** For one use. */
  readonly token: string
  readonly expires: UnixMilliseconds
}

/** Said once, to the edge alone. */
export interface EdgeCredentials {
  readonly edge: string
  readonly plane: string
  readonly api: { readonly address: string; readonly others: readonly string[]; readonly token: string }
  /** The volatile store, the account of this edge in its address; who vouches for it (PEM). Null: no way to it. */
  readonly rates: { readonly address: string; readonly ca: string | null } | null
}

/** A key of one edge, which it and the controllers alone hold. */
export interface EdgeKey {
  /** Unix seconds at which its secret was made: nobody needs to count. */
  readonly generation: number
  /** 64 hex digits. */
  readonly key: string
}
