// Columns that the passes find by themselves, by name: what each is of, and who has it. Their owners say what they
// mean.
//
//   paths    the network's, in all kernels over its paths (../paths.ts)
//   common   one for all kernels over one memory, and over others beside it: solver, rounding and proof of a problem
//            work one after the other, as plans of a network and of what is left of it do, and each fills anew what it
//            reads; with a column each for the same thing they would drive one another out of the caches
//   own      each kernel's own

import type { Shape } from '../problem.js'

/** Flows in a tile: within one, an entry of a path is two bytes. */
export const TILE = 1 << 16
export const tilesOf = ({ flows }: Shape): number => Math.max(1, Math.ceil(flows / TILE))
/** The fewest flows to a path group. */
export const LEAST_FLOWS = 3
/** Numbers that the kernel keeps of each flow: what it has at level 0, speed, what it may take, who has stopped it. */
const WATER = 4
/** What `tally` counts: those who take part, those who cross a full link; wrong amounts, and who must be stopped. */
export const TALLY = { participants: 0, stuck: 1, wrong: 2, stopped: 3 } as const

interface Arrays {
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly u16: Uint16Array
  readonly u8: Uint8Array
}
type Entry = readonly [type: keyof Arrays, owner: 'paths' | 'common' | 'own', length: (shape: Shape) => number]

const byFlow = ({ flows }: Shape): number => flows
const byLink = ({ links }: Shape): number => links
const byEntry = ({ nonZeros }: Shape): number => nonZeros
const bySegment = ({ segments }: Shape): number => segments
const byPiece = (shape: Shape): number => tilesOf(shape) * shape.links
const byGroup = ({ flows }: Shape): number => Math.floor(flows / LEAST_FLOWS)
const byEvent = ({ flows, segments }: Shape): number => flows + segments
const byRow = ({ flows, bands }: Shape): number => flows * bands
const starts =
  (length: (shape: Shape) => number) =>
  (shape: Shape): number =>
    length(shape) + 1

export const COLUMNS = {
  // All crossings of links; those of flows in no path group; the groups; and paths flow by flow.
  crossingStart: ['u32', 'paths', starts(byPiece)],
  crossingParts: ['u32', 'paths', byPiece],
  crossingFlow: ['u16', 'paths', byEntry],
  crossingFraction: ['f64', 'paths', byEntry],
  crossingLinks: ['u32', 'paths', byLink],
  otherStart: ['u32', 'paths', starts(byPiece)],
  otherParts: ['u32', 'paths', byPiece],
  otherFlow: ['u16', 'paths', byEntry],
  otherFraction: ['f64', 'paths', byEntry],
  otherLinks: ['u32', 'paths', byLink],
  pathGroupCount: ['u32', 'paths', () => 1],
  pathGroupStart: ['u32', 'paths', starts(byGroup)],
  pathGroupFlow: ['u32', 'paths', byFlow],
  pathGroupSum: ['f64', 'paths', byGroup],
  pathGroupLinkStart: ['u32', 'paths', starts(byLink)],
  pathGroupOnLink: ['u32', 'paths', byEntry],
  pathGroupFraction: ['f64', 'paths', byEntry],
  routeStart: ['u32', 'paths', starts(byFlow)],
  routeLink: ['u32', 'paths', byEntry],
  // Who takes part in a band (../participants.ts).
  wanted: ['f64', 'common', byFlow],
  segmentStart: ['u32', 'own', starts(byFlow)],
  segmentBand: ['u8', 'own', bySegment],
  segmentSize: ['f64', 'common', bySegment],
  segmentWeight: ['f64', 'common', bySegment],
  segmentUpTo: ['f64', 'common', bySegment],
  bandFlow: ['u32', 'own', byRow],
  bandFrom: ['u32', 'own', byRow],
  tally: ['u32', 'own', () => Object.keys(TALLY).length],
  participantFlow: ['u32', 'common', byFlow],
  stuckFlow: ['u32', 'common', byFlow],
  blockedBy: ['i32', 'common', byFlow],
  reach: ['f64', 'common', byFlow],
  speed: ['f64', 'common', byFlow],
  cap: ['f64', 'common', byFlow],
  piece: ['u32', 'common', byFlow],
  // A filling (../max-min.ts), and what it comes to (../answer.ts).
  water: ['f64', 'common', (shape) => WATER * shape.flows],
  slope: ['f64', 'common', byLink],
  gone: ['f64', 'common', byLink],
  liveFlow: ['u16', 'common', byEntry],
  liveEnd: ['u32', 'common', byPiece],
  heapLink: ['u32', 'common', starts(byLink)],
  heapLevel: ['f64', 'common', starts(byLink)],
  stepTag: ['u32', 'common', byEvent],
  stepLevel: ['f64', 'common', byEvent],
  shortIn: ['i32', 'common', byFlow],
  saturatedIn: ['i32', 'own', byLink],
  filledAt: ['f64', 'own', byLink],
  room: ['f64', 'own', byLink],
  linkRoom: ['f64', 'own', byLink],
  // The proof (../certificate.ts).
  got: ['f64', 'own', byFlow],
  level: ['f64', 'own', byFlow],
  shortFlow: ['u32', 'own', byFlow],
  isFull: ['u8', 'own', byLink],
  highest: ['f64', 'own', byLink],
  expected: ['f64', 'own', byFlow],
  isStopped: ['u8', 'own', byFlow],
  firstShort: ['i32', 'own', byFlow],
  crossed: ['i32', 'own', byFlow],
} as const satisfies Record<string, Entry>

export type ColumnName = keyof typeof COLUMNS
export type Columns = { readonly [N in ColumnName]: Arrays[(typeof COLUMNS)[N][0]] }
