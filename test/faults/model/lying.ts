// Stories in which a third of the edges lie, one of three or two of six: about all that an edge can say, in every mix,
// while leaders die, stores forget and other edges are in trouble. What each has for lines carries a tenth of what the
// upstreams do. What must hold besides what always must: each is named, nobody else is, and what honest institutions
// lose by them their own lines could have carried.

import { moveSplit, PHI_STEP } from '../../../src/demand/split.js'
import { scaleSegments } from '../../../src/model/families.js'
import { recordKey } from '../../../src/model/lease.js'
import type { Enforcement } from '../../../src/model/network.js'
import { afterEvent } from '../../../src/policy/in-force/link-state.js'
import { copyBuffer } from '../../../src/solve/copies.js'
import { viewProblem } from '../../../src/solve/problem.js'
import type { RateMessage } from '../../../src/wire/messages.js'
import { inThread } from '../../tick/loop.js'
import type { Breach } from './ledger.js'
import { LIES, type Lie } from './lies.js'
import { EDGES, geography, LIARS_PORT, MORE_EDGES } from './plane.js'
import {
  AT_AN_EDGE,
  CALLS,
  type Event,
  IN_FLIGHT,
  RECOVERY,
  SETTLE,
  TO_ALL,
  type Told,
  TROUBLE,
  unfinished,
  type Verdict,
  verdictOf,
} from './story.js'
import { World } from './world.js'

/** What it is told to do: then its word is worth more. */
const ORDERS: readonly Enforcement[] = ['observe', 'bypass']
/** kbit/s, less one where it is rounded: what a flow has in the first band, and a part of one, or one that is new. */
const LIFELINE = 256
const LEAST = 64
/** Whole kbit/s, for each flow of an institution. */
const ROUNDING = 10_000

export async function lying(seed: number, { wrong }: Pick<Told, 'wrong'> = {}): Promise<Verdict> {
  const world = new World({ seed, ...castOf(seed), ...CALLS[seed % CALLS.length], ...(wrong && { wrong }) })
  const { random, now: start, liars } = world
  const [lying, honest] = [[...liars.keys()], world.edges.filter((edge) => !liars.has(edge))]
  const starved: Breach[] = []
  world.store.onPublished = (edge, content, before) => {
    if (!liars.has(edge)) starved.push(...starvedBy(world, edge, content, before))
  }
  const together = new Set<string>()
  const around = [...TO_ALL, ...AT_AN_EDGE]
  world.offer(random.between(0.6, 1.8))
  await world.run(SETTLE)
  while (world.now - start < SETTLE + TROUBLE) {
    const liar = random.pick(lying)
    if (random.chance(0.6)) begin(world, liar, random.pick(LIES), random.between(6_000, 16_000), together)
    else if (random.chance(0.2)) order(world, liar, random.pick(ORDERS))
    else befall(world, random.pick(around), random.pick(honest))
    await world.run(random.between(300, 3_500))
  }
  // Lies go on, whatever else ends.
  world.note('heal')
  world.heal()
  if (random.chance(0.5)) order(world, random.pick(lying), random.pick(ORDERS))
  await world.run(RECOVERY)
  const meant = world.leader()?.controller.board ?? null
  await world.run(IN_FLIGHT)
  const late = [...unfinished(world, meant), ...(await lossesOf(world))].map((what) => ({ at: world.now, what }))
  const verdict = verdictOf(world, 'lying', late)
  const breaches = [...verdict.breaches, ...starved.map(({ at, what }) => ({ at: at - start, what }))]
  return { ...verdict, breaches, traits: [...verdict.traits, ...together, castName(lying.length)] }
}

/** In one story of four two of six edges lie, in the others one of three. */
function castOf(seed: number): { readonly edges: readonly string[]; readonly liars: readonly string[] } {
  if (seed % 4 !== 3) return { edges: EDGES, liars: [EDGES[seed % EDGES.length]!] }
  const at = (n: number): string => MORE_EDGES[n % MORE_EDGES.length]!
  return { edges: MORE_EDGES, liars: [at(seed), at(seed + 1 + (seed % 5))] }
}

function castName(liars: number): string {
  return liars === 1 ? 'one lies' : 'two lie'
}

/**
 * Who is told less than its lifeline, and had it; of an institution with two edges each has a part of it. An edge whose
 * lease is over has no more than its safe rates, whatever it was told last: the least, of a flow that came meanwhile.
 */
function starvedBy(world: World, edge: string, { records }: RateMessage, before: RateMessage | null): Breach[] {
  const { plan } = geography(world.document, world.conditions)
  const divided = new Set(plan.flows.flatMap(({ family, record }) => (family < 0 ? [] : [recordKey(record)])))
  const isOver = world.leader()?.controller.board?.edges.find(({ id }) => id === edge)?.state === 'SAFE'
  const had = new Map(
    before?.records.map((record) => [recordKey(record), isOver ? Math.min(record.rate, record.safe) : record.rate]),
  )
  return records.flatMap((record) => {
    const key = recordKey(record)
    const least = divided.has(key) ? LEAST : Math.min(LIFELINE, had.get(key) ?? LEAST)
    const what = `${edge} is told ${record.rate} kbit/s of ${key}, and its lifeline is ${least}`
    return record.rate < least - 1 ? [{ at: world.now, what }] : []
  })
}

function befall(world: World, [name, act]: Event, edge: string): void {
  const isIdle = act(world, edge, world.random.between(500, 14_000)) === false
  world.note(name, null, isIdle)
}

function order(world: World, liar: string, enforcement: Enforcement): void {
  world.order(liar, enforcement, null)
  world.later(world.random.between(4_000, 12_000), () => world.order(liar, 'enforce', null))
}

/** `together`: every two lies that were told at once. */
function begin(world: World, edge: string, lie: Lie, time: number, together: Set<string>): void {
  const liar = world.liars.get(edge)!
  const isIdle = !liar.begin(lie, world.now)
  world.note(lie.name, edge, isIdle)
  if (isIdle) return
  for (const other of liar.lies.keys()) together.add(atOnce(lie.name, other.name))
  if (lie.link) setWord(world, edge, lie.link, 0)
  world.later(time, () => {
    liar.end(lie)
    if (lie.link) setWord(world, edge, lie.link, 1)
  })
}

const atOnce = (...names: [string, string]): string => names.sort().join(' and ')

function setWord(world: World, edge: string, link: string, factor: number): void {
  const others = world.words.filter((word) => word.edge !== edge)
  const before = world.words.find((word) => word.edge === edge)
  const event = { event: `${world.now}`, link, edge, factor, until: null, at: world.clock.wall() }
  // No flap damping: it is what it says that is of interest, not how often.
  const { falls: _, ...word } = afterEvent(before, { ...event, source: 'liar', reason: 'it says so' })
  world.setWords([...others, { ...word, falls: [] }])
}

/** What stories with edges that lie must cover: every lie, and every two of them at once. */
export const LIES_NEEDED: ReadonlySet<string> = new Set([
  ...[1, 2].map(castName),
  ...LIES.flatMap(({ name }) => LIES.map((other) => atOnce(name, other.name))),
])

/** Beside what they would have if edges that lie asked for nothing, by institution and direction. */
async function lossesOf(world: World): Promise<string[]> {
  const board = world.leader()?.controller.board
  if (!board) return []
  const { plan, problem, whole } = geography(world.document, world.conditions)
  const alone = viewProblem(problem.shape, copyBuffer(problem.buffer, new SharedArrayBuffer(problem.buffer.byteLength)))
  const { demand } = board.flows
  plan.flows.forEach(({ edge }, f) => {
    alone.demand[f] = alone.recent[f] = world.liars.has(edge) ? 0 : demand[f]!
  })
  for (const { flows, phi: from } of plan.families) {
    const phi = Float64Array.from(from)
    const recent = flows.map((f) => demand[f]!)
    // Where it comes to rest: whoever has two edges takes its part along to where it is asked for, by the word of each.
    for (let tick = 0; tick <= 1 / PHI_STEP; tick++) moveSplit(phi, recent, []) // none is pinned
    flows.forEach((f, k) => {
      scaleSegments(alone, whole, alone.segmentStart[f]!, alone.segmentStart[f + 1]!, phi[k]!)
    })
  }
  await inThread(() => undefined).solve(alone)
  const lost = new Map<string, number>()
  const seen = new Set<number>()
  plan.flows.forEach(({ id, kind, institution, direction, family }, f) => {
    if (seen.has(f)) return
    // What one edge of a service has less the other may have more: that is its own division, to two points.
    const parts = family < 0 ? [f] : plan.families[family]!.flows
    for (const part of parts) seen.add(part)
    const less = parts
      .filter((part) => !world.liars.has(plan.flows[part]!.edge))
      .reduce((sum, part) => sum + alone.need[part]! - board.flows.rate[part]!, 0)
    const who = `${kind === 'institution' ? institution : id} ${direction}`
    lost.set(who, (lost.get(who) ?? 0) + Math.max(0, less))
  })
  const most = world.liars.size * LIARS_PORT + ROUNDING
  return [...lost].flatMap(([who, bps]) =>
    bps > most ? [`${who} loses ${Math.round(bps)} bit/s to ${[...world.liars.keys()].join(' and ')}`] : [],
  )
}
