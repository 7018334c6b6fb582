// A moment of the record: the inputs of one tick, from which the solver gives the same answer again.
//
// The static part of the problem (paths, bands, envelopes) is kept once for each plan, by the hash of its content, with
// the plan that names its rows. So what is explained a year later is what was compiled then, whatever the policy, its
// overrides and this program have become. The rest are five columns by flow and one by link.

import { createHash } from 'node:crypto'
import { deserialize, serialize } from 'node:v8'
import { scaleSegments, type WholeSegments } from '../model/families.js'
import type { Plan } from '../model/plan.js'
import { type Columns, type Problem, type Shape, viewProblem } from '../solve/problem.js'
import type { SolvedTick } from './tick.js'

/** Columns that a tick fills or the solver answers in; all others belong to the plan. */
const OF_THE_TICK: readonly (keyof Columns)[] = [
  ...(['demand', 'recent', 'ceiling', 'linkRoom', 'segmentSize', 'segmentWeight', 'segmentUpTo'] as const),
  ...(['amount', 'level', 'need', 'rate', 'kbps', 'bottleneck', 'shortIn'] as const),
  ...(['linkNeedLoad', 'linkLoad', 'saturatedIn', 'timing', 'status'] as const),
]

export interface Moment {
  readonly asked: Float64Array
  readonly recent: Float64Array
  readonly phi: Float64Array
  /** kbit/s; NaN: steered. */
  readonly charged: Float64Array
  /** bit/s, after what could not be steered, and what devices keep that have not obeyed yet. */
  readonly room: Float64Array
}

export interface KeptPlan {
  readonly plan: Plan
  readonly shape: Shape
  readonly statics: Uint8Array
  readonly whole: WholeSegments
}

/** A plan as bytes with a name of its own: the same plan has the same name. */
export function keepPlan({ board: { plan }, problem: { shape, buffer }, whole }: SolvedTick): {
  name: string
  bytes: Uint8Array
} {
  const copy = new SharedArrayBuffer(buffer.byteLength)
  new Uint8Array(copy).set(new Uint8Array(buffer))
  const statics = viewProblem(shape, copy)
  for (const column of OF_THE_TICK) statics[column].fill(0)
  const kept: KeptPlan = { plan, shape, statics: new Uint8Array(copy).slice(), whole }
  const bytes = serialize(kept)
  return { name: createHash('sha256').update(bytes).digest('hex').slice(0, 16), bytes }
}

// What is read was written by keepPlan, and lies in a folder that only we can write.
export const readKeptPlan = (bytes: Uint8Array): KeptPlan => deserialize(bytes) as KeptPlan

export function momentOf({ board, problem, phi, charged }: SolvedTick): Moment {
  return {
    asked: board.flows.demand.slice(),
    recent: problem.recent.slice(),
    phi: phi.slice(),
    charged: charged.slice(),
    room: problem.linkRoom.slice(),
  }
}

/**
 * The problem of that moment, ready to be solved.
 * @param steer flows that were charged as they were and are to be steered now: what enforcing would give.
 */
export function problemOf(
  { plan, shape, statics, whole }: KeptPlan,
  { asked, recent, phi, charged, room }: Moment,
  steer: (flow: number) => boolean = () => false,
): Problem {
  const buffer = new SharedArrayBuffer(statics.byteLength)
  new Uint8Array(buffer).set(statics)
  const p = viewProblem(shape, buffer)
  p.linkRoom.set(room)
  p.segmentSize.set(whole.size)
  p.segmentWeight.set(whole.weight)
  p.segmentUpTo.set(whole.upTo)
  plan.flows.forEach((flow, f) => {
    scaleSegments(p, whole, p.segmentStart[f]!, p.segmentStart[f + 1]!, phi[f]!)
    if (!Number.isNaN(charged[f]!)) {
      if (!steer(f)) return
      for (let q = p.pathStart[f]!; q < p.pathStart[f + 1]!; q++)
        p.linkRoom[p.pathLink[q]!]! += p.pathFraction[q]! * charged[f]! * 1_000
    }
    p.demand[f] = asked[f]!
    p.recent[f] = recent[f]!
    p.ceiling[f] = flow.ceiling
  })
  return p
}
