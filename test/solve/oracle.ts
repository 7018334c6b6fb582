// The slow oracle: the definition of an allocation, acted out.
//
// It reads the problem file, not the columns; it raises the water from event to event in exact fractions, recomputing
// every speed from nothing each time. It shares no code with the solver and knows none of its tricks.

import type { FlowEntry, ProblemFile } from '../../src/planning/problem-file.js'
import { add, div, isZero, less, max, min, mul, number, type Rational, rational, sub, ZERO } from './rational.js'

/** A flow's numbers in bit/s; `amounts` in the order of the bands. */
export interface Answer {
  readonly need: number
  readonly rate: number
  readonly amounts: readonly number[]
  /** The root level at which the flow stopped, by band before headroom; null: it took no part. */
  readonly levels: readonly (number | null)[]
  /** What stopped it in the first band in which it got less than it may claim; null: it has all it may claim. */
  readonly cause: Cause | null
}

export interface Cause {
  readonly band: string
  /** Links, and ceilings of envelopes, that were full then. */
  readonly by: ReadonlySet<string>
  /** Those of them that filled before the others. */
  readonly first: ReadonlySet<string>
  /** Full but for less than the solver's arithmetic can tell: 0.3 of a flow is not exactly 0.3 of it. */
  readonly nearly: ReadonlySet<string>
}

interface Piece {
  readonly weight: Rational
  /** The flow's total at which the weight ends; null: never. */
  readonly upTo: Rational | null
}

interface Participant {
  readonly flow: number
  /** null: unbounded. */
  readonly cap: Rational | null
  readonly pieces: readonly Piece[]
  readonly parent: Group
}

/** An envelope while a band is filled, or the root. */
interface Group {
  readonly parent: Group | null
  readonly weight: Rational
  /** What it may take in the band; null: anything. */
  readonly room: Rational | null
}

const bound = (value: number | undefined): Rational | null => (value === undefined ? null : rational(value))
const least = (a: Rational | null, b: Rational | null): Rational | null => (a === null ? b : b === null ? a : min(a, b))
const ROOT: Group = { parent: null, weight: rational(1), room: null }

export function oracle(file: ProblemFile): Map<string, Answer> {
  const held = file.flows.map(() => ZERO)
  const story: Story = { events: 0, filled: new Map() }
  const levels = file.flows.map((): (number | null)[] => [])
  const causes = file.flows.map((): Cause | null => null)
  const amounts = file.flows.map((): number[] => [])
  let need = held.map(number)
  for (const band of file.bands) {
    const before = [...held]
    for (const stage of band.kind === 'headroom' ? ['recent', 'ceiling'] : ['only']) {
      const participants = participantsOf(file, band, stage, held)
      const rooms = roomsOf(file, band.kind === 'headroom' ? band.fill : 1, held)
      const { got, stops } = fill(file, participants, held, rooms, story)
      for (const [flow, amount] of got) held[flow] = add(held[flow]!, amount)
      if (band.kind === 'headroom') continue
      for (const i of file.flows.keys()) levels[i]!.push(stops.has(i) ? number(stops.get(i)!.level) : null)
      for (const [i, stop] of stops) if (stop.by.length > 0) causes[i] ??= causeOf(band.id, stop, story)
    }
    for (const i of file.flows.keys()) amounts[i]!.push(number(sub(held[i]!, before[i]!)))
    if (band.kind !== 'headroom') need = held.map(number)
  }
  return new Map(
    file.flows.map(({ id }, i) => [
      id,
      { need: need[i]!, rate: number(held[i]!), amounts: amounts[i]!, levels: levels[i]!, cause: causes[i]! },
    ]),
  )
}

/** What has happened so far: links and ceilings that are full, by the number of the event at which they filled. */
interface Story {
  events: number
  readonly filled: Map<string, number>
}

interface Stop {
  readonly level: Rational
  /** What was full; empty for a flow that stopped at its cap, or with what its envelope was promised. */
  readonly by: readonly string[]
  readonly nearly: readonly string[]
}

/** What float arithmetic cannot tell apart, as a part of a level or of a room. */
const HAIR = rational(2 ** -40)

function causeOf(band: string, { by, nearly }: Stop, { filled }: Story): Cause {
  const earliest = Math.min(...by.map((room) => filled.get(room)!))
  return {
    band,
    by: new Set(by),
    first: new Set(by.filter((room) => filled.get(room) === earliest)),
    nearly: new Set(nearly),
  }
}

function participantsOf(
  file: ProblemFile,
  band: ProblemFile['bands'][number],
  stage: string,
  held: Rational[],
): Participant[] {
  const groups = groupsOf(file, band, held)
  return file.flows.flatMap((flow, i): Participant[] => {
    const wanted = least(bound(flow.demand), bound(flow.ceiling))
    let limit = wanted
    let pieces: Piece[] = []
    let parent: Group | undefined = ROOT
    if (band.kind === 'guarantee') {
      const own = flow.segments.find((s) => s.band === band.id)
      if (own !== undefined) {
        limit = least(limit, add(held[i]!, rational(own.size!)))
        pieces = [{ weight: mul(rational(own.size!), rational(own.weight ?? 1)), upTo: null }]
      } else {
        pieces = piecesOf(firstShares(file, flow))
        parent = flow.envelope === undefined ? undefined : groups.get(flow.envelope)
      }
    } else {
      pieces = piecesOf(flow.segments.filter((s) => s.band === band.id))
      if (band.kind === 'headroom') {
        limit = bound(flow.ceiling)
        if (stage === 'recent') limit = least(limit, rational(flow.recent ?? 0))
        if (pieces.length === 0) pieces = piecesOf(firstShares(file, flow)).slice(-1)
      }
      if (flow.envelope !== undefined) parent = groups.get(flow.envelope)
    }
    const cap = limit === null ? null : sub(limit, held[i]!)
    if (pieces.length === 0 || isZero(pieces[0]!.weight) || parent === undefined) return []
    return cap !== null && !less(ZERO, cap) ? [] : [{ flow: i, cap, pieces, parent }]
  })
}

const firstShares = (file: ProblemFile, flow: FlowEntry): FlowEntry['segments'] => {
  const band = file.bands.find(({ id, kind }) => kind === 'share' && flow.segments.some((s) => s.band === id))
  return flow.segments.filter((s) => s.band === band?.id)
}

const piecesOf = (segments: FlowEntry['segments']): Piece[] =>
  segments.map(({ weight, upTo }) => ({ weight: rational(weight ?? 1), upTo: bound(upTo) }))

/** The envelopes that take part in a band: all in share and headroom bands, those with a guarantee in its band. */
function groupsOf(file: ProblemFile, band: ProblemFile['bands'][number], held: Rational[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  const enter = (id: string): Group | undefined => {
    const known = groups.get(id)
    if (known !== undefined) return known
    const { parent, guarantee, weight } = file.envelopes.find((e) => e.id === id)!
    const members = file.flows.flatMap((flow, i) => (isWithin(file, flow, id) ? [i] : []))
    let group: Group
    if (band.kind === 'guarantee' && guarantee?.band === band.id) {
      const size = rational(guarantee.size)
      const room = max(
        ZERO,
        members.reduce((left, i) => sub(left, held[i]!), size),
      )
      group = { parent: ROOT, weight: size, room }
    } else {
      const above = parent === null ? (band.kind === 'guarantee' ? undefined : ROOT) : enter(parent)
      if (above === undefined) return undefined
      const sum = members.reduce((total, i) => total + ownWeight(file, file.flows[i]!), 0)
      group = { parent: above, weight: rational(weight ?? sum), room: null }
    }
    groups.set(id, group)
    return group
  }
  for (const { id } of file.envelopes) enter(id)
  return groups
}

function ownWeight(file: ProblemFile, flow: FlowEntry): number {
  const headroom = file.bands.find(({ kind }) => kind === 'headroom')?.id
  const segment = firstShares(file, flow)[0] ?? flow.segments.findLast((s) => s.band === headroom)
  return segment === undefined ? 0 : (segment.weight ?? 1)
}

function isWithin(file: ProblemFile, flow: FlowEntry, id: string): boolean {
  for (let at = flow.envelope ?? null; at !== null; at = file.envelopes.find((e) => e.id === at)!.parent) {
    if (at === id) return true
  }
  return false
}

interface Room {
  readonly name: string
  readonly hair: Rational
  left: Rational
  /** By flow: the part of it that is charged. */
  readonly charges: Map<number, Rational>
}

/** Links, and the ceilings of envelopes, with what is left of them. */
function roomsOf(file: ProblemFile, fillOfLinks: number, held: Rational[]): Room[] {
  const links = file.links.map(({ id, capacity }): Room => {
    const charges = new Map<number, Rational>()
    for (const [i, { path }] of file.flows.entries()) {
      for (const step of path) {
        const [link, fraction] = typeof step === 'string' ? [step, 1] : [step.link, step.fraction]
        if (link === id && fraction > 0) charges.set(i, rational(fraction))
      }
    }
    return {
      name: id,
      hair: mul(rational(capacity), HAIR),
      left: mul(rational(capacity), rational(fillOfLinks)),
      charges,
    }
  })
  const ceilings = file.envelopes.flatMap(({ id, ceiling }): Room[] => {
    if (ceiling === undefined) return []
    const members = file.flows.flatMap((flow, i) => (isWithin(file, flow, id) ? [i] : []))
    return [
      {
        name: id,
        hair: mul(rational(ceiling), HAIR),
        left: rational(ceiling),
        charges: new Map(members.map((i) => [i, rational(1)])),
      },
    ]
  })
  for (const room of [...links, ...ceilings]) {
    for (const [i, a] of room.charges) room.left = sub(room.left, mul(a, held[i]!))
    room.left = max(ZERO, room.left)
  }
  return [...links, ...ceilings]
}

/** Raises the root level until everybody has stopped; what each participant got, and what stopped it. */
function fill(
  file: ProblemFile,
  participants: Participant[],
  held: Rational[],
  rooms: Room[],
  story: Story,
): { got: Map<number, Rational>; stops: Map<number, Stop> } {
  const stops = new Map<number, Stop>()
  story.events++
  let level = ZERO
  const got = new Map(participants.map(({ flow }) => [flow, ZERO]))
  const groupLeft = new Map<Group, Rational>()
  for (const { parent } of participants) {
    for (let g: Group | null = parent; g !== null; g = g.parent) if (g.room !== null) groupLeft.set(g, g.room)
  }
  let rising = participants
  for (;;) {
    const full = rooms.filter(({ left }) => isZero(left))
    for (const { name, charges } of full) {
      // A link that has no room is full as soon as somebody wants some: the rule of src/solve/causes.ts.
      const isAsked = rising.some(({ flow }) => charges.has(flow))
      if (isAsked && !story.filled.has(name)) story.filled.set(name, story.events)
    }
    rising = rising.filter(({ flow, cap, parent }) => {
      let isPromiseKept = false
      for (let g: Group | null = parent; g !== null; g = g.parent) {
        isPromiseKept ||= g.room !== null && isZero(groupLeft.get(g)!)
      }
      const hasAll = isPromiseKept || (cap !== null && !less(got.get(flow)!, cap))
      const namesOf = (list: Room[]): string[] =>
        list.filter(({ charges }) => charges.has(flow)).map(({ name }) => name)
      const by = namesOf(full)
      if (!hasAll && by.length === 0) return true
      stops.set(flow, { level, by: hasAll ? [] : by, nearly: namesOf(rooms.filter((r) => !less(r.hair, r.left))) })
      return false
    })
    if (rising.length === 0) return { got, stops }
    const speeds = speedsOf(rising, got, held)
    let step: Rational | null = null
    for (const participant of rising) {
      const { flow, cap } = participant
      const total = add(held[flow]!, got.get(flow)!)
      const end = pieceAt(participant, total).upTo
      const way = least(end === null ? null : sub(end, total), cap === null ? null : sub(cap, got.get(flow)!))
      if (way !== null) step = least(step, div(way, speeds.get(flow)!))
    }
    for (const { left, charges } of rooms) {
      const load = sumOver(rising, ({ flow }) => mul(charges.get(flow) ?? ZERO, speeds.get(flow)!))
      if (!isZero(load)) step = least(step, div(left, load))
    }
    for (const [group, left] of groupLeft) {
      const load = sumOver(rising, ({ flow, parent }) => (isUnder(parent, group) ? speeds.get(flow)! : ZERO))
      if (!isZero(load)) step = least(step, div(left, load))
    }
    if (step === null) throw new Error(`unbounded: ${JSON.stringify(file)}`)
    level = add(level, step)
    if (less(mul(level, HAIR), step)) story.events++
    for (const { flow, parent } of rising) {
      const more = mul(step, speeds.get(flow)!)
      got.set(flow, add(got.get(flow)!, more))
      for (const room of rooms) room.left = sub(room.left, mul(room.charges.get(flow) ?? ZERO, more))
      for (const [group, left] of groupLeft) if (isUnder(parent, group)) groupLeft.set(group, sub(left, more))
    }
  }
}

const sumOver = (rising: Participant[], term: (participant: Participant) => Rational): Rational =>
  rising.reduce((sum, participant) => add(sum, term(participant)), ZERO)

function isUnder(parent: Group, group: Group): boolean {
  for (let g: Group | null = parent; g !== null; g = g.parent) if (g === group) return true
  return false
}

const pieceAt = ({ pieces }: Participant, total: Rational): Piece =>
  pieces.find(({ upTo }) => upTo === null || less(total, upTo))!

/** Fluid H-GPS: the root gives each child its weight, an envelope divides its speed among children that still rise. */
function speedsOf(rising: Participant[], got: Map<number, Rational>, held: Rational[]): Map<number, Rational> {
  const weightOf = (participant: Participant): Rational =>
    pieceAt(participant, add(held[participant.flow]!, got.get(participant.flow)!)).weight
  const children = new Map<Group, Rational>()
  const alive = new Set<Group>()
  for (const participant of rising) {
    children.set(participant.parent, add(children.get(participant.parent) ?? ZERO, weightOf(participant)))
    for (let g = participant.parent; g.parent !== null && !alive.has(g); g = g.parent) {
      alive.add(g)
      children.set(g.parent, add(children.get(g.parent) ?? ZERO, g.weight))
    }
  }
  /** Speed of a child of this group, per weight. */
  const unit = (g: Group): Rational =>
    g.parent === null ? rational(1) : div(mul(g.weight, unit(g.parent)), children.get(g)!)
  return new Map(rising.map((participant) => [participant.flow, mul(weightOf(participant), unit(participant.parent))]))
}
