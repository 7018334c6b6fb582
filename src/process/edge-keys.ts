// `mizani edge-user new-keys`: at the controller, on its data folder; a running one takes it over within half a minute.

import { addGeneration } from '../gateways/edge-keys.js'
import { systemClock } from '../runtime/clock.js'
import type { Settings } from '../runtime/config.js'
import { openFolder } from '../runtime/folder-lock.js'
import type { Io } from '../runtime/io.js'

/** Time to copy the file to the other controllers. */
const NOTICE = 3_600_000

export interface NewKeysArgs {
  readonly now: boolean
  readonly settings: Pick<Settings, 'data'>
}

export function runNewKeys({ now: atOnce, settings: { data } }: NewKeysArgs, io: Io): void {
  const now = systemClock.wall()
  const from = atOnce ? now : now + NOTICE
  openFolder(data)
  const file = addGeneration(data, now, from)
  const when = new Date(from).toISOString()
  io.stderr.write(`${file} has a new generation, announced to edges from ${when}.\n`)
  io.stderr.write('Copy the file to every other controller of this plane before then, mode 0600.\n')
}
