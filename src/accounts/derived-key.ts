// The dear part of a password: scrypt (RFC 7914), 32 MiB and about 80 ms of a processor at the cost that passwords.ts
// asks for. It runs in a thread of its own that comes behind the tick, one at a time.

import { scryptSync } from 'node:crypto'

export interface KeyOrder {
  readonly password: string
  readonly salt: Uint8Array
  readonly cost: { readonly N: number; readonly r: number; readonly p: number }
  readonly bytes: number
}

export const derivedKey = ({ password, salt, cost: { N, r, p }, bytes }: KeyOrder): Uint8Array =>
  scryptSync(password, salt, bytes, { N, r, p, maxmem: 256 * N * r })
