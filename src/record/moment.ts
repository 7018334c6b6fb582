// A moment of the record: the inputs of one tick, from which the solver gives the same answer again.
//
// The static part of the problem (paths, bands, envelopes) is kept once for each plan, by the hash of its content, with
// the plan that names its rows. So what is explained a year later is what was compiled then, whatever the policy, its
// overrides and this program have become. The rest are five columns by flow and one by link.

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { deflateRawSync, gzip, inflateRawSync } from 'node:zlib'
import { scaleSegments, type WholeSegments } from '../model/families.js'
import type { Plan } from '../model/plan.js'
import { anotherRound } from '../runtime/clock.js'
import {
  bytesIn,
  type Columns,
  createProblem,
  eachHop,
  type Problem,
  type Shape,
  type Solved,
} from '../solve/problem.js'
import type { SolvedTick } from './tick.js'

/** Columns that belong to the plan; all others a tick fills or the solver answers in. */
const STATIC = [
  ...(['pathStart', 'pathLink', 'pathFraction', 'linkVirtual', 'segmentStart', 'segmentBand'] as const),
  ...(['bandKind', 'bandFill', 'flowEnvelope', 'envelopeParent', 'envelopeWeight', 'envelopeLink'] as const),
  ...(['envelopeGuarantee', 'envelopeGuaranteeBand'] as const),
]
type Statics = Pick<Columns, (typeof STATIC)[number]>

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
  readonly statics: Statics
  readonly whole: WholeSegments
}

/** Lists of a plan that are kept in pieces, each serialized in a millisecond. */
const LISTS = ['flows', 'links', 'institutions', 'edges'] as const
const PIECE = 150

/** What is kept: the plan without its lists and what follows from them, and the lists in pieces, by name. */
interface InPieces extends Omit<KeptPlan, 'plan'> {
  readonly plan: Omit<Plan, (typeof LISTS)[number] | 'flowIndex'>
  readonly pieces: readonly (readonly [(typeof LISTS)[number], Uint8Array])[]
}

const packed = promisify<Uint8Array, { readonly level: number }, Uint8Array>(gzip)

/** Pieces by their first item: most of a plan is as it was in the one before, and is the very same. Kept packed. */
const written = new WeakMap<object, { readonly items: readonly object[]; readonly packed: Uint8Array }>()
const QUICKLY = { level: 1 }

/**
 * A plan as bytes with a name of its own: the same plan has the same name. A piece a round: a nation takes twenty
 * milliseconds, and people are answered at the same thread. What the tick will change is copied before this waits. It
 * is packed, in no thread of ours: as it is, one of ten nations takes 24 MB for as long as it holds.
 */
export async function keepPlan({ board: { plan }, problem, whole }: SolvedTick) {
  const { flowIndex: _, flows, links, institutions, edges, ...rest } = plan
  const lists = { flows, links, institutions, edges }
  const { shape } = problem
  const statics = staticsOf(problem)
  const pieces: [(typeof LISTS)[number], Uint8Array][] = []
  for (const name of LISTS) {
    for (let at = 0; at < lists[name].length; at += PIECE) {
      const items: readonly object[] = lists[name].slice(at, at + PIECE)
      const before = written.get(items[0]!)
      const isKnown = before?.items.length === items.length && items.every((item, k) => item === before.items[k])
      if (!isKnown) await anotherRound()
      const bytes = isKnown ? inflateRawSync(before.packed) : serialize(items)
      if (!isKnown) written.set(items[0]!, { items, packed: deflateRawSync(bytes, QUICKLY) })
      pieces.push([name, bytes])
    }
  }
  await anotherRound()
  const kept: InPieces = { plan: rest, shape, statics, whole, pieces }
  const bytes: Uint8Array = serialize(kept)
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return { name, packed: await packed(bytes, { level: 6 }) }
}

function inOne({ plan, pieces, ...rest }: InPieces): KeptPlan {
  // Each list was written by keepPlan under its own name.
  const list = <T>(name: (typeof LISTS)[number]): T[] =>
    pieces.flatMap(([of, bytes]) => (of === name ? (deserialize(bytes) as T[]) : []))
  const flows = list<Plan['flows'][number]>('flows')
  const lists = { flows, links: list<Plan['links'][number]>('links') }
  const places = {
    institutions: list<Plan['institutions'][number]>('institutions'),
    edges: list<Plan['edges'][number]>('edges'),
  }
  const flowIndex = new Map(flows.map(({ id }, at) => [id, at]))
  return { ...rest, plan: { ...plan, ...lists, ...places, flowIndex } }
}

/** Copies: a view of the problem would be kept with all of its buffer. */
function staticsOf(problem: Solved): Statics {
  // Object.fromEntries forgets which keys it was given: they are those of STATIC.
  return Object.fromEntries(STATIC.map((column) => [column, problem[column].slice()])) as unknown as Statics
}

// What is read was written by keepPlan, and lies in a folder that only we can write.
export function readKeptPlan(bytes: Uint8Array): KeptPlan {
  const read = deserialize(bytes) as InPieces | (Omit<KeptPlan, 'statics'> & { statics: Statics | Uint8Array })
  // Older records have it whole.
  const kept = 'pieces' in read ? inOne(read) : read
  const { statics, shape } = kept
  return { ...kept, statics: statics instanceof Uint8Array ? staticsInBlock(shape, statics) : statics }
}

/** Version 0.1 kept a plan as one block, in this order, with 32 bits for a `kbps`; its records are read as well. */
const BLOCK = [
  ...(['linkRoom', 'pathFraction', 'demand', 'recent', 'ceiling', 'segmentSize', 'segmentWeight'] as const),
  ...(['segmentUpTo', 'bandFill', 'envelopeWeight', 'envelopeGuarantee', 'amount', 'level', 'need', 'rate'] as const),
  ...(['linkNeedLoad', 'linkLoad', 'timing', 'pathStart', 'pathLink', 'segmentStart', 'kbps'] as const),
  ...(['flowEnvelope', 'envelopeParent', 'envelopeGuaranteeBand', 'envelopeLink', 'bottleneck'] as const),
  ...(['saturatedIn', 'status', 'segmentBand', 'bandKind', 'linkVirtual'] as const),
]

function staticsInBlock(shape: Shape, block: Uint8Array): Statics {
  const problem = createProblem(shape)
  let offset = 0
  for (const name of BLOCK) {
    const column = problem[name]
    const length = column.length * (name === 'kbps' ? 4 : column.BYTES_PER_ELEMENT)
    if (name !== 'kbps') bytesIn(column).set(block.subarray(offset, offset + length))
    offset = Math.ceil((offset + length) / 8) * 8
  }
  return staticsOf(problem)
}

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
  const p = createProblem(shape)
  for (const column of STATIC) p[column].set(statics[column])
  p.linkRoom.set(room)
  p.segmentSize.set(whole.size)
  p.segmentWeight.set(whole.weight)
  p.segmentUpTo.set(whole.upTo)
  plan.flows.forEach((flow, f) => {
    scaleSegments(p, whole, p.segmentStart[f]!, p.segmentStart[f + 1]!, phi[f]!)
    if (!Number.isNaN(charged[f]!)) {
      if (!steer(f)) return
      eachHop(p, f, (l, fraction) => {
        p.linkRoom[l]! += fraction * charged[f]! * 1_000
      })
    }
    p.demand[f] = asked[f]!
    p.recent[f] = recent[f]!
    p.ceiling[f] = flow.ceiling
  })
  return p
}
