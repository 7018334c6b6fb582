// `mizani edge-user new-keys`: at the controller, in its file; a running one takes it over at once.

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
  const from = addGeneration(edgeKeys, now, atOnce ? now : now + NOTICE)
  const when = from <= now ? 'at once' : `from ${new Date(from).toISOString()}`
  const copy = from <= now ? 'now' : 'before then'
  io.stderr.write(`${edgeKeys} has a new generation, announced to edges ${when}.\n`)
  io.stderr.write(`Copy the file to every other controller of this plane ${copy}: same owner, same mode.\n`)
}
