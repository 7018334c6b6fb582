// The hash of a policy, made on its one spelling: neither key order nor a file's layout is a change.

import { createHash } from 'node:crypto'
import { canonicalJson } from '../model/canonical.js'

/** "sha256:" and 64 hex digits over the canonical JSON in UTF-8. */
export function hashOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`
}
