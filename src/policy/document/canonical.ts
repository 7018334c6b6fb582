// The hash of a policy, made on its one spelling: neither key order nor a file's layout is a change.

import { createHash } from 'node:crypto'
import { canonicalJson } from '../../model/canonical.js'

/** "sha256:" and 64 hex digits over the canonical JSON in UTF-8. */
export function hashOf(value: unknown): string {
  return hashOfText(canonicalJson(value))
}

const hashOfText = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

/**
 * The same hash, for documents that share most of their collections and members: each is spelled once. What it has seen
 * must not be changed any more.
 */
export function createHasher(): (document: unknown) => string {
  const texts = new WeakMap<object, string>()
  const once = (part: unknown, spell: (part: unknown) => string): string => {
    if (typeof part !== 'object' || part === null) return spell(part)
    const text = texts.get(part) ?? spell(part)
    texts.set(part, text)
    return text
  }
  const member = (part: unknown): string => once(part, (it) => canonicalJson(it))
  const collection = (part: unknown): string => once(part, (it) => canonicalJson(it, member))
  return (document) => hashOfText(canonicalJson(document, collection))
}
