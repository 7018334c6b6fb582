// What controllers and the store of the small world do: a leader decides and tells the edges, the other one stands by,
// takes over or is fenced, either is restarted, and the store loses what it holds.

import { isSameSerial } from '../../../../src/model/lease.js'
import { contentLife } from '../../../../src/publish/edge-lease.js'
import { type EdgePublication, Outbox, type Publication } from '../../../../src/publish/publication.js'
import { StandbyLog } from '../../../../src/publish/standby-log.js'
import { epochFloor, followLeader, isBelowEdges, takeOver } from '../../../../src/tick/takeover.js'
import type { RateMessage } from '../../../../src/wire/messages.js'
import type { Mistake } from './mistakes.js'
import { decideFor, EASTS_OWN, EDGES, type EdgeId, KEEN, plan, profiles, SHORT_STEP, TERM, tableOf } from './plane.js'
import {
  type Event,
  NAME_OF,
  NOTHING_STORED,
  newRuler,
  RULERS,
  type Ruler,
  type RulerId,
  type Small,
  type Stored,
  sent,
  withEdge,
  withRuler,
} from './world.js'

/** Contents of an edge that the store keeps beside the newest. */
const MAX_CONTENTS = 3
const GRACE_AND_TERM = TERM + 5_000
const classes = new Uint32Array(plan.flows.length * plan.classes.length)

/** It ticks: decides by what it knows, tells both edges, and both lines carry it. */
export function tick(before: Small, k: RulerId, mistake: Mistake): Small | null {
  const ruler = before.rulers[k]!
  if (!ruler.leads) return null
  const { now, asks } = before
  const held = tableOf(ruler.leases)
  held.expire(now + (mistake.expiresEarly ?? 0))
  const rates = decideFor(held, asks, now)
  const fault = faultOf(before, k, rates)
  const publications = composed({ ...ruler, leases: new Map(held.edges) }, rates)
  let [seq, world, leads] = [ruler.seq, before, true]
  const committed = new Set(ruler.committed)
  for (const { serial, edges } of publications) {
    for (const { edge, snapshot } of edges) held.noteGranted(edge, serial, rates, snapshot !== null, now)
    seq = serial.seq
    const taken: Small | null = publish(world, k, edges, mistake)
    leads = taken !== null
    world = taken ?? world
    for (const { edge, snapshot } of edges) {
      if (!taken || !world.store.edges[edge as EdgeId].snapshot) committed.delete(edge)
      else if (snapshot) committed.add(edge)
    }
    if (!leads) break
  }
  const leases = mistake.leases?.(new Map(held.edges)) ?? new Map(held.edges)
  return { ...withRuler(world, k, { leases, seq, leads, committed }), fault: fault ?? before.fault }
}

/** What the product's own outbox would say that holds what this controller has committed. */
function composed({ epoch, seq, committed, leases }: Ruler, rates: Uint32Array): readonly Publication[] {
  const outbox = new Outbox()
  const held = tableOf(leases)
  const decision = { plan, leases: held, rates, classes, profiles }
  const last = { epoch, seq }
  if (committed.size > 0) {
    outbox.compose(decision, last, 'changed').next()
    outbox.commit(plan, held, [...committed].flatMap(contentOf), classes)
  }
  return [...outbox.compose(decision, last, 'all')]

  /** As it went out: of a content only what it is for is remembered beside its grant. */
  function contentOf(edge: string): EdgePublication[] {
    if (!leases.get(edge)!.granted) return []
    const { hash } = profiles.get(edge)!.first
    const snapshot = { revision: plan.revision, profile: hash, instance: null } as unknown as RateMessage
    return [{ edge, profile: Buffer.alloc(0), snapshot, message: snapshot }]
  }
}

/** Null: it is fenced. */
function publish(world: Small, k: RulerId, publications: readonly EdgePublication[], mistake: Mistake): Small | null {
  const { leader, epoch } = world.store
  if (!mistake.isUnfenced && (leader !== k || epoch !== world.rulers[k]!.epoch)) return null
  const other = world.rulers[1 - k]!
  const log = new StandbyLog(other.log)
  let next = world
  for (const { edge: id, snapshot, message } of publications) {
    const edge = id as EdgeId
    const at = stored(next, edge)
    const contents = snapshot ? [...at.contents, message] : at.contents
    const kept: Stored = {
      ...(snapshot ? { snapshot, before: at.snapshot } : { snapshot: at.snapshot, before: at.before }),
      contents: contents.slice(-MAX_CONTENTS),
      dropped: at.dropped || contents.length > MAX_CONTENTS,
      until: world.now + contentLife(TERM),
    }
    next = { ...next, store: { ...next.store, edges: { ...next.store.edges, [edge]: kept } } }
    const to = next.edges[edge]
    if (!isDeaf(next, edge)) next = withEdge(next, edge, { down: sent(to.down, message) })
    if (other.listens) log.hear(edge, message)
  }
  return other.listens ? withRuler(next, (1 - k) as RulerId, { log: log.state }) : next
}

/** What an edge that lies hears is of no matter. */
const isDeaf = ({ lie }: Small, edge: EdgeId): boolean => lie !== null && edge === 'west'

/** What the store holds of an edge now. */
export function stored({ store, now }: Small, edge: EdgeId): Stored {
  const at = store.edges[edge]
  return at.until < now ? NOTHING_STORED : at
}

/** Whatever the other edge says, who leads leaves east, where it speaks and obeys, what other lines cannot take. */
function faultOf({ now, rulers, store }: Small, k: RulerId, rates: Uint32Array): string | null {
  const { unsureSince, leases } = rulers[k]!
  const { readAt, report, pending, isFading } = leases.get('east')!
  const isPrompt = report !== null && now - readAt <= SHORT_STEP && pending.length === 0 && !isFading
  if (store.leader !== k || now - unsureSince <= GRACE_AND_TERM || !isPrompt) return null
  return rates[KEEN]! >= EASTS_OWN ? null : `east is told ${rates[KEEN]} kbit/s, and ${EASTS_OWN} are its own`
}

const feedOf = (world: Small, { log, listens }: Ruler, mistake: Mistake) => {
  const heard = new StandbyLog(log)
  const snapshots = async () =>
    new Map(EDGES.flatMap((edge) => (stored(world, edge).snapshot ? [[edge, stored(world, edge).snapshot!]] : [])))
  return {
    heard,
    readSnapshots: snapshots,
    readContents: async (edge: string) => {
      const { contents, dropped } = stored(world, edge as EdgeId)
      return { contents, whole: !dropped }
    },
    logOf: (edge: string) => (listens && !mistake.isUnheard ? heard : new StandbyLog()).of(edge, world.now),
    watch: async (applied: ReadonlyMap<string, Parameters<StandbyLog['read']>[2]>) => {
      heard.open([...applied.keys()], world.now)
      const found = await snapshots()
      for (const [edge, serial] of applied) heard.read(edge, found.get(edge as EdgeId), serial)
      return found
    },
  }
}

/** It takes the term, and what others granted. */
async function lead(world: Small, k: RulerId, mistake: Mistake): Promise<Small | null> {
  const { store, now } = world
  const ruler = world.rulers[k]!
  if (store.leader === k && ruler.leads && ruler.epoch === store.epoch) return null
  const held = tableOf(ruler.leases)
  // As in functions.lua: a store that lost everything has the time still, so epochs rise.
  const elected = Math.max(store.epoch + 1, epochFloor(held, ruler.epoch, now) + 1, now)
  const epoch = isBelowEdges(held, elected, now) ? epochFloor(held, elected, now) + 1 : elected
  held.expire(now)
  await takeOver({ plan, leases: held }, feedOf(world, ruler, mistake), now)
  const leases = mistake.taken?.(new Map(held.edges), stored(world, 'east').snapshot !== null) ?? new Map(held.edges)
  const took = { leases, epoch, seq: 0, leads: true, committed: new Set<string>() }
  // Who publishes listens to nobody who does.
  const quiet = { listens: false, log: new StandbyLog().state, unsureSince: now }
  return { ...withRuler(world, k, { ...took, ...quiet }), store: { ...store, leader: k, epoch } }
}

/** One that stands by looks at what the store holds, and listens from now on. */
export async function look(world: Small, k: RulerId, mistake: Mistake): Promise<Small | null> {
  const { store, now } = world
  const ruler = world.rulers[k]!
  if (store.leader === k || mistake.isUnheard) return null
  const held = tableOf(ruler.leases)
  held.expire(now)
  const feed = feedOf(world, ruler, mistake)
  await followLeader({ plan, leases: held }, feed, now)
  const changed = { leases: new Map(held.edges), log: feed.heard.state, listens: true }
  return withRuler(world, k, { ...changed, leads: false })
}

/** Its process ends, and another begins that knows nothing. */
function restart(world: Small, k: RulerId, mistake: Mistake): Small {
  const { store, now } = world
  const fresh = newRuler(now)
  const leases = mistake.begun?.(fresh.leases) ?? fresh.leases
  const next = withRuler(world, k, { ...fresh, leases })
  return store.leader === k ? { ...next, store: { ...store, leader: null } } : next
}

/** Its connections are lost with what it held. */
function lose(world: Small, store: Small['store']): Small {
  const rulers = world.rulers.map((ruler) => {
    const log = new StandbyLog(ruler.log)
    log.noteGap()
    return { ...ruler, log: log.state, listens: false, unsureSince: world.now }
  })
  return { ...world, store, rulers }
}

function isEmpty({ edges, leader }: Small['store']): boolean {
  return leader === null && EDGES.every((edge) => edges[edge] === NOTHING_STORED)
}

function forget(world: Small): Small | null {
  if (isEmpty(world.store)) return null
  return lose(world, { leader: null, epoch: 0, edges: { east: NOTHING_STORED, west: NOTHING_STORED } })
}

/** Another takes the place of the store, and has not got the last content of any edge. */
function fallBehind(world: Small): Small | null {
  if (EDGES.every((edge) => isSameSerial(world.store.edges[edge].snapshot, world.store.edges[edge].before))) return null
  const older = (edge: EdgeId): Stored => {
    const at = world.store.edges[edge]
    return { ...at, snapshot: at.before, contents: at.contents.slice(0, -1) }
  }
  return lose(world, { ...world.store, edges: { east: older('east'), west: older('west') } })
}

export const CONTROLLER_EVENTS: readonly Event[] = [
  ...RULERS.flatMap((k): Event[] => [
    ...EDGES.map(
      (edge, asks): Event => [
        `${NAME_OF[k]} decides for ${edge}`,
        (world, mistake) => tick({ ...world, asks }, k, mistake),
      ],
    ),
    [`${NAME_OF[k]} leads`, (world, mistake) => lead(world, k, mistake)],
    [`${NAME_OF[k]} looks at the store`, (world, mistake) => look(world, k, mistake)],
    [`${NAME_OF[k]} is restarted`, (world, mistake) => restart(world, k, mistake)],
  ]),
  ['the store comes back empty', forget],
  ['the store comes back older', fallBehind],
]
