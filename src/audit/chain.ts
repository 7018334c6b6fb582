// The trail as a chain: each entry's hash covers its text and the hash before it, so that nobody can change, remove or
// slip in an entry without breaking every hash behind it. Whoever has read one hash elsewhere (a log, an export) can
// prove that everything up to it is still what it was.
//
//   hash(n) = SHA-256( hash(n-1) || "\n" || text(n) ),  hash(0) = 64 zeros
//
// The idea is old and plain: Schneier and Kelsey, "Secure Audit Logs to Support Computer Forensics", 1999.

import { createHash } from 'node:crypto'
import type { Entry, Happening } from '../model/happening.js'

export interface Link {
  readonly n: number
  readonly hash: string
}

/** An entry as it is kept: its very bytes, their hash, and who wrote it (signing.ts). */
export interface Row extends Link {
  readonly text: string
  /** Null: a release wrote it that did not sign. */
  readonly signature: string | null
}

/** With the key of a controller (signing.ts). */
export interface Signer {
  /** Raw, in base64url: 43 characters. */
  readonly publicKey: string
  sign(link: Link): string
}

export const START: Link = { n: 0, hash: '0'.repeat(64) }

/** The bytes of an entry, always in this order. Parsing them and writing them again gives the same bytes. */
export function textOf({ n, at, actor, via, address, action, subject, reason, reference, ...rest }: Entry): string {
  const { requestId, outcome, code, before, after, times } = rest
  const who = { n, at, actor, via, address, action, subject, reason, reference }
  return JSON.stringify({ ...who, requestId, outcome, code, before: before ?? null, after: after ?? null, times })
}

export const hashAfter = (previous: string, text: string): string =>
  createHash('sha256').update(`${previous}\n${text}`).digest('hex')

/** The rows that these happenings become behind this link. */
export function chain(head: Link, happenings: readonly Happening[], signer: Signer | null): Row[] {
  let { n, hash } = head
  return happenings.map((happening) => {
    n++
    const text = textOf({ ...happening, n })
    hash = hashAfter(hash, text)
    return { n, hash, text, signature: signer?.sign({ n, hash }) ?? null }
  })
}
