// Why a flow has the rate that it has, as its edge is told it: so that who stands at the box can say what the
// controller would say, with the controller away. No demand stands here, for that moves with every tick.

import type { LimitedBy } from './explanation.js'
import type { LaidBy } from './plan.js'
import type { UnixMilliseconds } from './units.js'

/** A limit that a flow of the edge has run into; a flow of which there is none gets what it asks for. */
export interface Reason extends LimitedBy {
  /** Persistent numbers of the flow: see FlowRecordKey. */
  readonly institution: number
  readonly service: number
  readonly direction: 0 | 1
  readonly since: UnixMilliseconds
  /** What was laid over the policy and made the flow's own limit what it is; null: the policy does. */
  readonly behind: LaidBy | null
}
