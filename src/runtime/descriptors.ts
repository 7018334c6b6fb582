// File descriptors are one limit for connections and files together. A server that spends them all on connections can
// neither open its key files nor reach its stores, so some of them are kept back.

import { readFileSync } from 'node:fs'
import { RESERVED_DESCRIPTORS } from './limits.js'

/** Descriptors that this process may have open; null: the system does not say (Linux does). */
export function descriptorLimit(file = '/proc/self/limits'): number | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return null // no Linux
  }
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1]
  if (soft === undefined) return null
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

/** Connections that leave stores and files their descriptors. A small limit is halved. */
export function connectionsWithin(wanted: number, limit: number | null): number {
  if (limit === null) return wanted
  return Math.max(1, Math.min(wanted, Math.max(limit - RESERVED_DESCRIPTORS, Math.floor(limit / 2))))
}
