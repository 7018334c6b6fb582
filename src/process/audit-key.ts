// `mizani audit key`: at the controller, in its file; a running one takes a new key over within seconds.

import { addTrailKey, publicKeysIn } from '../audit/trail-keys.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

export interface AuditKeyArgs {
  readonly new: boolean
  readonly settings: Pick<Settings, 'audit'>
}

export function runAuditKey({ new: isNew, settings: { audit } }: AuditKeyArgs, io: Io): void {
  if (isNew) {
    addTrailKey(audit.key, systemClock.wall())
    io.stderr.write(`${audit.key} has a new key. Add it to audit.peers of every other controller of this plane now.\n`)
  }
  for (const key of publicKeysIn(audit.key)) io.stdout.write(`${key}\n`)
}
