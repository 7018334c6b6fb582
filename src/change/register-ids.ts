// Ids of what people put in the register. A write that has a name makes the same id each time it is sent, so that one
// whose answer was lost can be sent again.

import { createHash, randomBytes } from 'node:crypto'
import type { Milliseconds, UnixMilliseconds } from '../model/units.js'
import { MizaniError } from '../runtime/errors.js'

const BYTES = 8
/** As long as answers are kept under an Idempotency-Key (policy/revisions/answers.ts). */
const REPEATED_WITHIN: Milliseconds = 86_400_000

export function idInRegister(kind: string, request: string | undefined): string {
  const bytes = request === undefined ? randomBytes(BYTES) : createHash('sha256').update(request).digest()
  return `${kind}-${bytes.subarray(0, BYTES).toString('hex')}`
}

/**
 * What this very write has made before.
 * @throws MizaniError IDEMPOTENCY_REUSED when that was so long ago that it cannot be meant.
 */
export function knownAs<T extends { readonly id: string; readonly at: UnixMilliseconds }>(
  id: string,
  request: string | undefined,
  present: readonly T[],
  now: UnixMilliseconds,
): T | undefined {
  const known = request === undefined ? undefined : present.find((one) => one.id === id)
  if (known === undefined || now - known.at <= REPEATED_WITHIN) return known
  throw new MizaniError({
    code: 'IDEMPOTENCY_REUSED',
    message: `This Idempotency-Key made ${id} more than a day ago; choose a new one.`,
  })
}
