// Which boot the monotonic clock counts from. Stamps of another boot say nothing about this one.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** 16 hex digits: the kernel's boot id, or one of this process's own where there is none (its leases end with it). */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').replaceAll('-', '').slice(0, 16)
  } catch {
    return randomBytes(8).toString('hex')
  }
}
