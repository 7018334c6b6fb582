// `mizani edge-user new-keys`: at the controller, in its file; a running one takes it over within half a minute.

import { addGeneration } from '../gateways/edge-keys.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import type { Io } from '../runtime/io.js'

/** Time to copy the file to the other controllers. */
const NOTICE = 3_600_000

export interface NewKeysArgs {
  readonly now: boolean
  readonly settings: Pick<Settings, 'edgeKeys'>
}

export function runNewKeys({ now: atOnce, settings: { edgeKeys } }: NewKeysArgs, io: Io): void {
  const now = systemClock.wall()
  const from = atOnce ? now : now + NOTICE
  addGeneration(edgeKeys, now, from)
  const when = new Date(from).toISOString()
  io.stderr.write(`${edgeKeys} has a new generation, announced to edges from ${when}.\n`)
  io.stderr.write('Copy the file to every other controller of this plane before then, mode 0600.\n')
}
