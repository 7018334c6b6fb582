// Codes for whoever has lost what they sign in with: made with the first factor of any kind, shown once, kept as
// digests, and each works once.

import { digestOf, newSpelled } from './records.js'

const RECOVERY_CODES = 10
/** 80 bits each: their digests tell nobody who copies the store, and nobody guesses one. */
const RECOVERY_GROUPS = 4

interface Recovery {
  readonly codes: readonly string[]
  readonly digests: readonly string[]
}

export const NO_CODES: Recovery = { codes: [], digests: [] }

export function newRecovery(): Recovery {
  const codes = Array.from({ length: RECOVERY_CODES }, () => newSpelled(RECOVERY_GROUPS))
  return { codes, digests: codes.map((one) => digestOf(plainCode(one))) }
}

/** As people type them: in groups, in capitals. */
export const plainCode = (code: string): string => code.replace(/[\s-]/g, '').toLowerCase()
