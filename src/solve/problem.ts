// The problem and its answer, as columns over one SharedArrayBuffer.
//
// One layout table says which columns there are and how long each is; both sides of a worker boundary make their
// views from it, so nothing but the buffer ever crosses. Compile writes the static columns, demand fills two of them
// each tick, the solver fills the answer. What stands where (paths, bands, envelopes, which segments a flow has) is
// static for good: solvers prepare it once per buffer; numbers (rooms, sizes, weights, ceilings) may change between
// solves. Units are bit/s throughout; `kbps` is kbit/s.
//
//   links      room C_l = capacity x usable. Envelope ceilings and ceilings over several flows are virtual links: they
//              stand after the real ones and `fill` does not apply to them (linkVirtual = 1).
//   flows      path in CSR form (pathStart, pathLink, pathFraction), segments in CSR form ordered by band.
//   bands      guarantee, share, headroom, in lexicographic order. `headroom` is last when present.
//   envelopes  a forest; envelopeParent < 0 is the root. A flow names its innermost envelope or -1.
//              An envelope's ceiling is a virtual link on the path of every flow below it, written by the builder.

export const BAND_KIND = { guarantee: 0, share: 1, headroom: 2 } as const
export type BandKind = keyof typeof BAND_KIND

/** How many of each thing a problem has. Fixed for the life of the buffer. */
export interface Shape {
  readonly flows: number
  readonly links: number
  readonly bands: number
  /** Non-zeros of the flow x link matrix, virtual links included. */
  readonly nonZeros: number
  readonly segments: number
  readonly envelopes: number
}

/** For every table of columns over one buffer. */
export type Arrays = { f64: Float64Array; f32: Float32Array; i32: Int32Array; u32: Uint32Array; u8: Uint8Array }
export type ColumnType = keyof Arrays
type ColumnArray = Arrays[ColumnType]
type Table<S> = Readonly<Record<string, readonly [ColumnType, (shape: S) => number]>>

/** Filled or answered in each tick. They stand first: who shows them to others copies that much of the buffer. */
const CHANGING = {
  linkRoom: ['f64', (s: Shape) => s.links],
  demand: ['f64', (s: Shape) => s.flows],
  recent: ['f64', (s: Shape) => s.flows],
  ceiling: ['f64', (s: Shape) => s.flows],
  // the answer, band-major: [band * flows + flow]
  amount: ['f64', (s: Shape) => s.bands * s.flows],
  /** The water level each flow reached in each band, in the last stage in which it rose; NaN: nothing to get there. */
  level: ['f64', (s: Shape) => s.bands * s.flows],
  need: ['f64', (s: Shape) => s.flows],
  rate: ['f64', (s: Shape) => s.flows],
  linkNeedLoad: ['f64', (s: Shape) => s.links],
  linkLoad: ['f64', (s: Shape) => s.links],
  /** [0] solve microseconds, [1] certificate microseconds. */
  timing: ['f64', () => 4],
  /** Whole kbit/s after the integer rule; the rate that is published. Exact to 2^53: a plane's ceilings fit 32 bits. */
  kbps: ['f64', (s: Shape) => s.flows],
  /** Link that froze the flow in the band, [band * flows + flow]; -1: its cap; -2 - e: the guarantee of envelope e. */
  bottleneck: ['i32', (s: Shape) => s.bands * s.flows],
  /** First band, before headroom, in which the flow got less than it may claim there; -1: none. */
  shortIn: ['i32', (s: Shape) => s.flows],
  /** First band in which the link was full; -1: never. */
  saturatedIn: ['i32', (s: Shape) => s.links],
  /** [0] solves so far, [1] certificate: 1 ok, 0 not, -1 not checked; [2] violating band, [3] flow, [4] link. */
  status: ['i32', () => 8],
} as const satisfies Table<Shape>

/** What is promised: numbers move with the split of families, and where they stand does not. */
const PROMISED = {
  /** Guarantee bands: bit/s. Share and headroom bands: unused (0). */
  segmentSize: ['f64', (s: Shape) => s.segments],
  /** Share and headroom: the weight. Guarantee: multiplies the size (1 unless stated). */
  segmentWeight: ['f64', (s: Shape) => s.segments],
  /** The flow's total at which this weight ends; Infinity on the last segment of a band. */
  segmentUpTo: ['f64', (s: Shape) => s.segments],
} as const satisfies Table<Shape>

/** As long as the plan. */
const LASTING = {
  pathFraction: ['f64', (s: Shape) => s.nonZeros],
  bandFill: ['f64', (s: Shape) => s.bands],
  /** NaN: absent, that is the sum of its members' first share weights. */
  envelopeWeight: ['f64', (s: Shape) => s.envelopes],
  envelopeGuarantee: ['f64', (s: Shape) => s.envelopes],
  pathStart: ['u32', (s: Shape) => s.flows + 1],
  pathLink: ['u32', (s: Shape) => s.nonZeros],
  segmentStart: ['u32', (s: Shape) => s.flows + 1],
  flowEnvelope: ['i32', (s: Shape) => s.flows],
  envelopeParent: ['i32', (s: Shape) => s.envelopes],
  /** Band in which the envelope's guarantee is handed out; -1: it has none. */
  envelopeGuaranteeBand: ['i32', (s: Shape) => s.envelopes],
  /** Virtual link of the envelope's ceiling; -1: it has none. */
  envelopeLink: ['i32', (s: Shape) => s.envelopes],
  segmentBand: ['u8', (s: Shape) => s.segments],
  bandKind: ['u8', (s: Shape) => s.bands],
  linkVirtual: ['u8', (s: Shape) => s.links],
} as const satisfies Table<Shape>

/** The one table. Order is the order in memory; every column is aligned to eight bytes. */
const REST = { ...PROMISED, ...LASTING } as const
const COLUMNS = { ...CHANGING, ...REST } as const

export type Columns = { readonly [K in keyof typeof COLUMNS]: Arrays[(typeof COLUMNS)[K][0]] }

/** The same of what is promised, and of what lasts. */
export type Promised = Pick<Columns, keyof typeof PROMISED>
export type Rest = Pick<Columns, keyof typeof REST>

/** A problem that is only read: its answer may have been copied out of the memory that threads share. */
export interface Solved extends Columns {
  readonly shape: Shape
}

export interface Problem extends Solved {
  readonly buffer: SharedArrayBuffer
}

interface Kind<Column> {
  new (buffer: ArrayBufferLike, offset: number, length: number): Column
  readonly BYTES_PER_ELEMENT: number
}
const ARRAYS: { readonly [K in ColumnType]: Kind<Arrays[K]> } = {
  ...{ f64: Float64Array, f32: Float32Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array },
}
const ALIGN = 8
const align = (n: number): number => Math.ceil(n / ALIGN) * ALIGN

/** Bytes that the columns of a table take, one after another. */
export const bytesOfColumns = <S>(table: Table<S>, shape: S): number =>
  Object.values(table).reduce((n, [type, length]) => align(n + ARRAYS[type].BYTES_PER_ELEMENT * length(shape)), 0)

/**
 * Views over a buffer of that many bytes, laid out here or in another thread, with what stands beside them. Made at
 * once: an object to which more than a dozen computed names are added one by one is kept as a dictionary, and searched
 * each time that a loop asks for a column.
 */
export function viewColumns<S, Beside extends object>(
  table: Table<S>,
  shape: S,
  buffer: ArrayBufferLike,
  beside: Beside,
): Beside & Record<string, ColumnArray> {
  const views: [string, ColumnArray][] = []
  let offset = 0
  for (const [name, [type, length]] of Object.entries(table)) {
    const view = new ARRAYS[type](buffer, offset, length(shape))
    views.push([name, view])
    offset = align(offset + view.byteLength)
  }
  return Object.fromEntries([...Object.entries(beside), ...views]) as Beside & Record<string, ColumnArray>
}

/** Bytes a problem of this shape takes. */
export const bytesOf = (shape: Shape): number => bytesOfColumns(COLUMNS, shape)

/** Views over a buffer that `createProblem` laid out. The table is the type: each of its keys has a view. */
export const viewProblem = <Memory extends ArrayBufferLike>(shape: Shape, buffer: Memory) =>
  viewColumns(COLUMNS, shape, buffer, { shape, buffer }) as unknown as Columns & { shape: Shape; buffer: Memory }

/** @param memory of so many bytes at least, all 0; absent: new memory */
export function createProblem(shape: Shape, memory?: SharedArrayBuffer): Problem {
  return viewProblem(shape, memory ?? new SharedArrayBuffer(bytesOf(shape)))
}

/** How much of a buffer changes from tick to tick, from its beginning on. */
export const changingBytes = (shape: Shape): number => bytesOfColumns(CHANGING, shape)

/** Views over a copy of the other bytes. */
export const viewRest = (shape: Shape, buffer: ArrayBuffer): Rest =>
  viewColumns(REST, shape, buffer, {}) as unknown as Rest

/** A problem in two pieces of memory: what changed, and what is as it was. */
export function solvedOf(shape: Shape, changing: ArrayBuffer, rest: Rest): Solved {
  const lasting = Object.fromEntries(Object.keys(REST).map((name) => [name, rest[name as keyof Rest]]))
  // Each table is the type of its part.
  return viewColumns(CHANGING, shape, changing, { shape, ...lasting }) as unknown as Solved
}

/** The same columns in another memory. */
export function copyColumns(from: Solved, to: Columns): void {
  for (const name of Object.keys(COLUMNS) as (keyof Columns)[]) copyColumn(from[name], to[name])
}

/** The same bytes in another column of that length. */
export function copyColumn(from: ArrayBufferView, to: ArrayBufferView): void {
  if (from.byteLength !== to.byteLength) throw new Error(`a column of ${from.byteLength} bytes, of ${to.byteLength}`)
  // `set` copies shared memory word by word; `fill` copies as memory is copied, and takes no empty value.
  if (from.byteLength > 0) bytesIn(to).fill(bytesIn(from))
}

/** Some of a column, as one of its own. */
export function rowsIn(column: Float64Array, count = column.length): Float64Array {
  const rows = new Float64Array(count)
  copyColumn(column.subarray(0, count), rows)
  return rows
}

export function isEqualShape(a: Shape, b: Shape): boolean {
  return (Object.keys(a) as (keyof Shape)[]).every((key) => a[key] === b[key])
}

/** Whether what is laid out for a shape does for another: paths may be shorter. */
export const hasRoomFor = (shape: Shape, laidOut: Shape): boolean =>
  shape.nonZeros <= laidOut.nonZeros && isEqualShape({ ...shape, nonZeros: laidOut.nonZeros }, laidOut)

/** Whether these columns of two problems hold the same bytes. */
export function areAlike<Name extends keyof Columns>(
  a: Pick<Columns, Name>,
  b: Pick<Columns, Name>,
  columns: readonly Name[],
): boolean {
  return columns.every((column) => Buffer.compare(bytesIn(a[column]), bytesIn(b[column])) === 0)
}

/** A copy of some columns, for who would compare others with them and not keep all of the problem for that. */
export function copiedColumns<Name extends keyof Columns>(p: Pick<Columns, Name>, columns: readonly Name[]) {
  // Each name has the type of its own column.
  return Object.fromEntries(columns.map((name) => [name, p[name].slice()])) as unknown as Pick<Columns, Name>
}

const PATH_COLUMNS = ['pathStart', 'pathLink', 'pathFraction'] as const

/** Paths that nobody writes any more: static columns, megabytes, one copy for all who keep them. */
export type KeptPaths = Pick<Columns, (typeof PATH_COLUMNS)[number]>

/** By the column of a problem. */
const kept = new WeakMap<Columns['pathLink'], KeptPaths>()

/** Those of the problem. */
export function keptPaths(p: KeptPaths): KeptPaths {
  const paths = kept.get(p.pathLink) ?? copiedColumns(p, PATH_COLUMNS)
  kept.set(p.pathLink, paths)
  return paths
}

/** Writes the paths of a problem: they are known from then on to be these. */
export function writeKept(paths: KeptPaths, p: KeptPaths): void {
  for (const column of PATH_COLUMNS) copyColumn(paths[column], p[column])
  kept.set(p.pathLink, paths)
}

export const haveEqualPaths = (paths: KeptPaths, p: KeptPaths): boolean =>
  kept.get(p.pathLink) === paths || areAlike(paths, p, PATH_COLUMNS)

/** A column as bytes. */
export const bytesIn = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** Each link that a flow crosses, with the part of the flow that does. Not for loops that take time: it calls. */
export function eachHop(
  { pathStart, pathLink, pathFraction }: Pick<Problem, 'pathStart' | 'pathLink' | 'pathFraction'>,
  flow: number,
  visit: (link: number, fraction: number) => void,
): void {
  for (let q = pathStart[flow]!; q < pathStart[flow + 1]!; q++) visit(pathLink[q]!, pathFraction[q]!)
}

/** Links that carry some of flow i. */
export function linksOf({ pathStart, pathLink, pathFraction }: Solved, i: number): number[] {
  const links: number[] = []
  for (let e = pathStart[i]!; e < pathStart[i + 1]!; e++) if (pathFraction[e]! > 0) links.push(pathLink[e]!)
  return links
}
