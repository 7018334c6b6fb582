// What edges of the small world do, and the lines that lead to them: messages come late, in another order or never,
// reports too, or twice; an agent dies and comes back, a machine is started anew, with its disk or with an empty one.

import { emptyKeeping, phaseAt, receive, rememberedKeeping } from '../../../../src/edge/lease-keeper.js'
import { compareSerial, type EdgeReport } from '../../../../src/model/lease.js'
import type { RateMessage } from '../../../../src/wire/messages.js'
import { look, stored, tick } from './controllers.js'
import type { Mistake } from './mistakes.js'
import { EDGES, type EdgeId, LONG_STEP, SHORT_STEP, STALE_AFTER, tableOf } from './plane.js'
import { bootName, type Event, LIES, type Lie, nothing, type RulerId, type Small, sent, withEdge } from './world.js'

/** Takes this in, as its agent does; what it builds on may be missing. */
function takeIn(world: Small, edge: EdgeId, came: RateMessage, mistake: Mistake): Small {
  const { keeping, memory } = world.edges[edge]
  const message = mistake.granted?.(came, keeping, world.now) ?? came
  const { keeping: kept, verdict } = receive(keeping, { message, crc: 1 }, world.now)
  if (verdict === 'gap') return readStore(world, edge, mistake) ?? world
  // It is written down with each new content, and before that is acknowledged.
  const { boot, lease, leaseEnd, content } = kept
  const remembered = verdict === 'apply' ? { boot, lease, leaseEnd, content: content! } : memory
  return withEdge(world, edge, { keeping: kept, memory: remembered, took: kept.newest })
}

function hear(world: Small, edge: EdgeId, place: number, mistake: Mistake): Small | null {
  const { down, deadSince } = world.edges[edge]
  const came = down[place]
  if (!came || deadSince !== null) return null
  return takeIn(withEdge(world, edge, { down: down.filter((_, k) => k !== place) }), edge, came, mistake)
}

/** As after a gap, when its line comes back, and now and then. */
function readStore(world: Small, edge: EdgeId, mistake: Mistake): Small | null {
  const { snapshot } = stored(world, edge)
  const { keeping, deadSince, took } = world.edges[edge]
  const isOld = !snapshot || compareSerial(snapshot, keeping.newest) <= 0 || compareSerial(snapshot, took) < 0
  if (isOld || deadSince !== null) return null
  return takeIn(world, edge, snapshot, mistake)
}

function says(world: Small, edge: EdgeId, mistake: Mistake): Small | null {
  const { now } = world
  const { keeping, deadSince, lastStamp, up, boots } = world.edges[edge]
  if (deadSince !== null) return null
  const { content } = keeping
  const at = Math.max(now, lastStamp + 1)
  const newest = stored(world, edge).snapshot
  const said = {
    ...{ edge, stamp: { boot: bootName(boots), at }, reads: 2, agent: 'small', driver: 'model', simulated: true },
    ...{ state: content ? phaseAt(keeping, now, STALE_AFTER).state : 'SAFE', enforcement: 'enforce', refusal: null },
    applied: content && appliedAs(content),
    ...{ generation: 1, counters: [] },
    ...(edge === 'west' && world.lie !== null && lieOf(world.lie, newest)),
  } as EdgeReport
  const report = mistake.said?.(said, newest) ?? said
  return withEdge(world, edge, { lastStamp: at, up: sent(up, report) })
}

const appliedAs = ({ epoch, seq }: { epoch: number; seq: number }): EdgeReport['applied'] => ({
  ...{ epoch, seq, crc: 1, profile: '' },
})

function lieOf(lie: Lie, newest: RateMessage | null): Partial<EdgeReport> {
  const told = { epoch: newest?.epoch ?? 1, seq: newest?.seq ?? 1 }
  const base: Partial<EdgeReport> = { state: 'FRESH', applied: newest && appliedAs(told) }
  if (lie === 'that nothing is applied') return { ...base, applied: null }
  if (lie === 'what nobody told it') return { ...base, applied: appliedAs({ ...told, seq: told.seq + 1_000_000 }) }
  return lie === 'that it holds' ? { ...base, enforcement: 'hold' } : base
}

/** Both controllers hear it. */
function acknowledged(world: Small, report: EdgeReport): Small {
  const rulers = world.rulers.map((ruler) => {
    const held = tableOf(ruler.leases)
    return held.acknowledge(report, world.now) === 'stale' ? ruler : { ...ruler, leases: new Map(held.edges) }
  })
  return rulers.every((ruler, k) => ruler === world.rulers[k]) ? world : { ...world, rulers }
}

function isHeard(world: Small, edge: EdgeId, place: number): Small | null {
  const { up } = world.edges[edge]
  const report = up[place]
  if (!report) return null
  return acknowledged(withEdge(world, edge, { up: up.filter((_, k) => k !== place) }), report)
}

/** The line brings the last one that was heard once more, or somebody who kept a copy. */
function isRepeated(world: Small, edge: EdgeId, mistake: Mistake): Small | null {
  const last = world.rulers[0]!.leases.get(edge)!.report ?? world.rulers[1]!.leases.get(edge)!.report
  if (!last) return null
  const next = acknowledged(world, mistake.repeated?.(last) ?? last)
  return next === world ? null : next
}

/** One quiet second: these edges speak and are heard, the one who leads answers, the other looks on. */
async function quiet(before: Small, edges: readonly EdgeId[], mistake: Mistake): Promise<Small | null> {
  const { leader } = before.store
  if (leader === null || edges.some((edge) => before.edges[edge].deadSince !== null)) return null
  let world = before
  for (const edge of edges) {
    world = says(world, edge, mistake)!
    while (world.edges[edge].up.length > 0) world = isHeard(world, edge, 0)!
  }
  const answered = tick(world, leader, mistake)
  if (!answered || !answered.rulers[leader]!.leads) return null
  world = answered
  for (const edge of edges) while (world.edges[edge].down.length > 0) world = hear(world, edge, 0, mistake)!
  const other = (1 - leader) as RulerId
  return world.rulers[other]!.leads ? world : ((await look(world, other, mistake)) ?? world)
}

function lines(world: Small, edge: EdgeId): Small | null {
  const { down, up } = world.edges[edge]
  return down.length + up.length === 0 ? null : withEdge(world, edge, { down: [], up: [] })
}

/** Its kernel goes on with what stands; it is back before the grace is over. */
function dies(world: Small, edge: EdgeId): Small | null {
  if (world.edges[edge].deadSince !== null) return null
  return withEdge(world, edge, { deadSince: world.now, up: [] })
}

function isBack(world: Small, edge: EdgeId, mistake: Mistake): Small | null {
  const { deadSince, boots } = world.edges[edge]
  return deadSince === null ? null : begun(world, edge, boots, mistake)
}

function begun(world: Small, edge: EdgeId, boots: number, mistake: Mistake): Small {
  const { memory } = world.edges[edge]
  const boot = bootName(boots)
  const keeping = memory ? rememberedKeeping(boot, world.now, memory) : emptyKeeping(boot)
  const kept = mistake.remembered?.(keeping, world.now) ?? keeping
  return withEdge(world, edge, { boots, deadSince: null, keeping: kept })
}

/** Another boot: nothing passes until its agent has shaped again, and its clock begins anew. */
function reboots(world: Small, edge: EdgeId, keepsDisk: boolean, mistake: Mistake): Small {
  const { boots, memory } = world.edges[edge]
  const disk = keepsDisk ? memory : null
  return begun(withEdge(world, edge, { memory: disk, up: [], down: [] }), edge, boots + 1, mistake)
}

function pass(world: Small, time: number): Small | null {
  if (EDGES.some((edge) => isLate(world, edge, time))) return null
  const now = world.now + time
  const rulers = world.rulers.map((ruler) => {
    const held = tableOf(ruler.leases)
    held.expire(now)
    return { ...ruler, leases: new Map(held.edges) }
  })
  const later = (edge: EdgeId) => {
    const { up, ...same } = world.edges[edge]
    return { ...same, up: up.filter(({ stamp }) => stamp.at + SHORT_STEP >= now) }
  }
  return { ...world, now, rulers, edges: { east: later('east'), west: later('west') } }
}

/** Who is killed is back within the grace: publish/edge-lease.ts. */
const isLate = ({ now, edges }: Small, edge: EdgeId, time: number): boolean =>
  now + time - (edges[edge].deadSince ?? now + time) > SHORT_STEP

/** What it does, and what is on its way to it, is of no matter from now on. */
function beginsToLie(world: Small, lie: Lie): Small | null {
  if (world.lie !== null) return null
  const { took } = nothing().edges.west
  const kept = { keeping: emptyKeeping(bootName(1)), memory: null, deadSince: null, down: [], took }
  return withEdge({ ...world, lie }, 'west', kept)
}

/** Of an edge that lies only what it says matters. */
const unlessLying =
  (edge: EdgeId, act: Event[1]): Event[1] =>
  (world, mistake) =>
    edge === 'west' && world.lie !== null ? null : act(world, mistake)

export const EDGE_EVENTS: readonly Event[] = [
  ...EDGES.flatMap((edge): Event[] => {
    const honest = (act: Event[1]): Event[1] => unlessLying(edge, act)
    return [
      [`${edge} hears the oldest`, honest((world, mistake) => hear(world, edge, 0, mistake))],
      [`${edge} hears the newest`, honest((world, mistake) => hear(world, edge, 1, mistake))],
      [`${edge} reads the store`, honest((world, mistake) => readStore(world, edge, mistake))],
      [`${edge} says what it has`, (world, mistake) => says(world, edge, mistake)],
      [`${edge} is heard`, (world) => isHeard(world, edge, 0)],
      [`the newest word of ${edge} is heard`, (world) => isHeard(world, edge, 1)],
      [`${edge} is heard once more`, (world, mistake) => isRepeated(world, edge, mistake)],
      [`${edge} has a quiet second`, honest((world, mistake) => quiet(world, [edge], mistake))],
      [`the lines of ${edge} lose all`, (world) => lines(world, edge)],
      [`the agent of ${edge} dies`, honest((world) => dies(world, edge))],
      [`the agent of ${edge} is back`, honest((world, mistake) => isBack(world, edge, mistake))],
      [`${edge} is rebooted`, honest((world, mistake) => reboots(world, edge, true, mistake))],
      [`${edge} is rebooted with an empty disk`, honest((world, mistake) => reboots(world, edge, false, mistake))],
    ]
  }),
  ['all have a quiet second', unlessLying('west', (world, mistake) => quiet(world, EDGES, mistake))],
  [`${SHORT_STEP / 1_000} s pass`, (world) => pass(world, SHORT_STEP)],
  [`${LONG_STEP / 1_000} s pass`, (world) => pass(world, LONG_STEP)],
  ...LIES.map((lie): Event => [`west says ${lie}`, (world) => beginsToLie(world, lie)]),
]
