// What an alarm is made of, in the table.

import type { Severity } from '../model/alarm.js'
import type { Text } from '../model/network.js'
import type { Milliseconds } from '../model/units.js'

export interface AlarmKind {
  readonly severity: Severity
  readonly raiseAfter: Milliseconds
  readonly clearAfter: Milliseconds
  /** Who may miss something by it; absent: nobody. `pinned`: whose edges take no new rates. */
  readonly concerns?: 'edges' | 'links' | 'institutions' | 'pinned' | 'all'
  /** An event has no end of its own: somebody must have seen it. */
  readonly event?: true
  /** `{who}` stands for the members: what is so while it lasts. */
  readonly detail: Text
  /** What is so when it is over: read by somebody who knows nothing of the beginning, it must not send anybody out. */
  readonly over: Text
  /** What to do while it lasts. */
  readonly remedy: Text
}

export const text = (en: string, sw: string): Text => ({ en, sw })
