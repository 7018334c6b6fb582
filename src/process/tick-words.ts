// What the thread of the tick and the main thread tell each other, and in what form. What holds goes in, whole or as
// what of it is new, with keys, counters of links and orders; what was shown comes out as columns, with how late ticks
// are and whether they fail. The tick waits for nothing of it.

import type { EdgeKey } from '../model/edge-account.js'
import { LIMIT_CODES } from '../model/explanation.js'
import { scaleSegments } from '../model/families.js'
import type { Plan } from '../model/plan.js'
import type { Reason } from '../model/reason.js'
import type { Milliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { LinkSample } from '../record/counters.js'
import type { Finding } from '../record/findings.js'
import type { LogIdentity } from '../runtime/log.js'
import type { InPieces } from '../runtime/pieces.js'
import { bytesIn, changingBytes, type Problem, type Rest, type Shape, solvedOf, viewRest } from '../solve/problem.js'
import type { Revision, Situation } from '../tick/planner.js'
import type { Shown } from '../tick/shown.js'
import { type PlanNews, planNews, planOf } from './plan-news.js'

/** What the thread is given when it starts. */
export interface TickData {
  /** Of the volatile store, with user and password in it. */
  readonly volatileUrl: string
  readonly plane: string
  readonly id: string
  readonly term: Milliseconds | undefined
  /** It writes to the log by itself: what it has to say may be about a main thread that does nothing any more. */
  readonly log: LogIdentity
}

/** To the thread. */
export type ToTicks =
  | { readonly kind: 'situation'; readonly news: SituationNews }
  /** Of all edges that have any. */
  | { readonly kind: 'keys'; readonly keys: ReadonlyMap<string, readonly EdgeKey[]> }
  | { readonly kind: 'sample'; readonly link: string; readonly sample: LinkSample }
  | { readonly kind: 'start' | 'wake' | 'stop' }
  /** A tick now; answered under its name. */
  | { readonly kind: 'tick'; readonly name: number }
  /** The last picture was taken in: the next may come. */
  | { readonly kind: 'seen' }

/** From the thread. */
export type FromTicks =
  | { readonly kind: 'beat'; readonly late: Milliseconds }
  | { readonly kind: 'state'; readonly state: TickState }
  | { readonly kind: 'picture'; readonly picture: Picture }
  /** `number`: of ticks by then. */
  | { readonly kind: 'ticked'; readonly name: number; readonly number: number }
  | { readonly kind: 'stopped' }

/** What is true beside any picture; told when it has changed. */
export interface TickState {
  /** Why ticks fail; empty: they do not. */
  readonly failing: string
  /** By the clock that does not jump. */
  readonly leadsUntil: Milliseconds
  /** What is wrong with what is heard from edges. */
  readonly findings: readonly Finding[]
}

// ---- what holds

/** A situation; its number comes back with every picture that was made by it. */
export interface SituationNews extends Omit<Situation, 'revision'> {
  readonly number: number
  /** Null: the one before. */
  readonly revision: RevisionNews | null
}

/** Of the document those collections that are not the very ones of the revision before; all by name, in their order. */
interface RevisionNews extends Omit<Revision, 'document'> {
  readonly names: readonly (keyof PolicyDocument)[]
  readonly parts: Partial<PolicyDocument>
}

/** Revisions share what they have in common, and what is made of that alone is made once: so nothing goes twice. */
export function revisionNews({ document, revision, hash, indexes }: Revision, before: Revision | null): RevisionNews {
  const all = Object.entries(document)
  const isNew = ([name, part]: [string, unknown]): boolean => part !== before?.document[name as keyof PolicyDocument]
  // Both are of the document's own names.
  const names = all.map(([name]) => name) as (keyof PolicyDocument)[]
  return { revision, hash, indexes, names, parts: Object.fromEntries(all.filter(isNew)) as Partial<PolicyDocument> }
}

export function revisionOf({ names, parts, ...rest }: RevisionNews, before: Revision | null): Revision {
  const known: Partial<PolicyDocument> = { ...before?.document, ...parts }
  // What was left out is what the revision before has.
  return { ...rest, document: Object.fromEntries(names.map((name) => [name, known[name]])) as PolicyDocument }
}

// ---- what was shown

/** What a tick has shown. What is not there is as it was in the picture before. */
export interface Picture extends Pick<Shown, 'number' | 'made' | 'phi' | 'said'> {
  /** Number of the situation. */
  readonly situation: number
  readonly plan: ShownPlan | null
  /** Of the problem of this tick, with its answer, what changes from tick to tick. */
  readonly problem: ArrayBuffer | null
  /** The other part of it, with a new plan. */
  readonly rest: ArrayBuffer | null
  readonly columns: Omit<Shown['columns'], 'reason'>
  /** By edge; null: what it was told before. */
  readonly told: ReadonlyMap<string, readonly Reason[] | null>
  /** Of each flow: 0, it is not pinned, else 1 more than the place of the reason among all limits. */
  readonly reasons: Uint8Array
}

interface ShownPlan extends Pick<Shown, 'whole'> {
  readonly plan: PlanNews<Plan>
  readonly shape: Shape
}

/** Its plan is still to come. What the next tick may fill again is copied: it may come before this is told. */
export function pictureOf(
  shown: Shown<Problem>,
  situation: number,
  before: Shown | null,
  spare: ArrayBuffer | null,
): Omit<Picture, 'plan'> {
  const { number, made, said, plan, problem, phi } = shown
  const { reason, ...columns } = shown.columns
  const isOld = (edge: string, reasons: readonly Reason[]): boolean => before?.told.get(edge) === reasons
  return {
    told: new Map([...shown.told].map(([edge, reasons]) => [edge, isOld(edge, reasons) ? null : reasons])),
    ...{ number, made, said, situation, columns, phi: phi.slice() },
    problem: number === before?.number ? null : changingOf(problem, spare),
    rest: plan === before?.plan ? null : restOf(problem),
    reasons: placesOf(reason),
  }
}

/** Written one by one: what is made `from` a list is walked by an iterator, and a plane has tens of thousands. */
function placesOf(reasons: Shown['columns']['reason']): Uint8Array {
  const places = new Uint8Array(reasons.length)
  for (let f = 0; f < reasons.length; f++) {
    const code = reasons[f]!
    if (code !== null) places[f] = 1 + LIMIT_CODES.indexOf(code)
  }
  return places
}

/** The plan of a picture. */
export function* shownPlan({ plan, whole, problem }: Shown, before: Shown | null): InPieces<ShownPlan | null> {
  if (plan === before?.plan) return null
  return { plan: yield* planNews(plan, before?.plan ?? null), whole, shape: problem.shape }
}

function changingOf({ shape, buffer }: Problem, spare: ArrayBuffer | null): ArrayBuffer {
  const length = changingBytes(shape)
  const copy = spare?.byteLength === length ? spare : new ArrayBuffer(length)
  Buffer.from(copy).fill(Buffer.from(buffer, 0, length))
  return copy
}

function restOf({ shape, buffer }: Problem): ArrayBuffer {
  const from = changingBytes(shape)
  const copy = new ArrayBuffer(buffer.byteLength - from)
  Buffer.from(copy).fill(Buffer.from(buffer, from))
  return copy
}

export function shownOf(
  { plan, problem, rest, reasons, told, situation: _, columns, ...others }: Picture,
  situation: Shown['situation'],
  before: Shown | null,
): Shown {
  const known = before && { plan: before.plan, whole: before.whole, shape: before.problem.shape }
  const about = plan ? { ...plan, plan: planOf(plan.plan, before?.plan ?? null) } : known
  if (about === null) throw new Error('the first picture has no plan')
  const asBefore = (): Rest => splitAnew(before!, others.phi)
  const solved =
    problem === null
      ? before?.problem
      : solvedOf(about.shape, problem, rest === null ? asBefore() : viewRest(about.shape, rest))
  if (solved === undefined) throw new Error('the first picture has no problem')
  const reason = Array.from(reasons, (place) => LIMIT_CODES[place - 1] ?? null)
  return {
    ...others,
    ...{ situation, plan: about.plan, whole: about.whole, problem: solved, columns: { ...columns, reason } },
    told: new Map([...told].map(([edge, reasons]) => [edge, reasons ?? before!.told.get(edge)!])),
  }
}

/** Under the same plan only what families are promised changes, with their split: what stands there follows from it. */
function splitAnew({ plan, problem, whole, phi: before }: Shown, phi: Float64Array): Rest {
  if (Buffer.compare(bytesIn(before), bytesIn(phi)) === 0) return problem
  const { segmentStart, segmentSize, segmentWeight, segmentUpTo } = problem
  const promised = {
    segmentSize: segmentSize.slice(),
    segmentWeight: segmentWeight.slice(),
    segmentUpTo: segmentUpTo.slice(),
  }
  const into = { ...problem, ...promised }
  for (const { flows } of plan.families)
    for (const f of flows) scaleSegments(into, whole, segmentStart[f]!, segmentStart[f + 1]!, phi[f]!)
  return into
}
