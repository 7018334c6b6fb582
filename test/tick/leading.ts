// A leader over any store of rates, edges that say what they are asked to say, and decisions for all of them.

import type { EdgeReport, Serial } from '../../src/model/lease.js'
import { profilesOf } from '../../src/publish/profile.js'
import type { Audience } from '../../src/publish/publication.js'
import { manualClock } from '../../src/runtime/clock.js'
import { createLogger } from '../../src/runtime/log.js'
import { atOnce } from '../../src/runtime/pieces.js'
import { LeaderSession, type LeaderSessionOptions } from '../../src/tick/leader-session.js'
import { noPins } from '../../src/tick/pins.js'
import { planStateOf, roomFor } from '../../src/tick/plan-state.js'
import type { PlanInForce } from '../../src/tick/planner.js'
import { firstDocument, geography } from '../faults/model/plane.js'

export const { plan, problem } = geography(firstDocument(5), {})

export async function leading(store: LeaderSessionOptions['store'], edgesACall: number) {
  const clock = manualClock({ monotonic: 1_000_000 })
  const session = new LeaderSession({ id: 'ctl', clock, log: createLogger('test', 'silent'), store, edgesACall })
  const inForce = { plan, problems: [problem, problem], profiles: profilesOf(plan) } as unknown as PlanInForce
  const state = planStateOf(atOnce(roomFor(inForce)), null, { epoch: 0, seq: 0 }, clock.monotonic())
  await session.assume(await session.elect(state), state)
  let at = 0
  /** All edges say that they have what they were told last; then each of their flows is to have `kbps`. */
  const decide = (kbps: number | ((edge: string) => number), to: Audience = 'all'): Promise<boolean> => {
    at++
    for (const { id } of plan.edges) {
      state.leases.acknowledge(reportOf(id, at, session.grantedSerials.get(id) ?? null), clock.monotonic())
    }
    session.stillLearns(state)
    for (const { id, flows } of plan.edges)
      for (const f of flows) state.rates[f] = typeof kbps === 'number' ? kbps : kbps(id)
    return session.publish(state, noPins(plan), to)
  }
  return { session, decide }
}

const reportOf = (edge: string, at: number, applied: Serial | null): EdgeReport => ({
  ...{ edge, stamp: { boot: '00000000000000aa', at }, reads: 2, agent: 'test', driver: 'model', simulated: true },
  applied: applied && { epoch: applied.epoch, seq: applied.seq, crc: 0, profile: '' },
  ...{ state: 'FRESH', enforcement: 'enforce', refusal: null, generation: 1, counters: [] },
})
