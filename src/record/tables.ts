// The two tables of the record and their columns, said once: what is written, what is read back, and what any other
// reader of Parquet finds in the files. A row is one flow, or one directed link, during one part of a slot of five
// minutes; a slot has more than one part when the plan changed or the controller was started again within it.
//
// Rates over the time of a part are means in whole kbit/s. The columns that begin with `m_` are of one moment in it:
// the tick at which most was missing (the first, where nothing was). They are the solver's own inputs and answers, in
// full, so that this tick can be solved again and must give the same.

import type { ColumnSource } from 'hyparquet-writer'

type Kind = 'time' | 'count' | 'seconds' | 'kbps' | 'exact' | 'text'
/** Values of a column by kind; null where nothing is known. */
interface Values {
  readonly time: number[]
  readonly count: number[]
  readonly seconds: (number | null)[]
  readonly kbps: (number | null)[]
  readonly exact: (number | null)[]
  readonly text: string[]
}

const MEAN_COLUMNS = {
  /** Start of the five minutes, UTC. */
  slot: 'time',
  /** Seconds of it that this row saw. */
  seconds: 'count',
  flow: 'text',
  revision: 'count',
  /** Name of the plan file beside the tables. */
  plan: 'text',
  enforcement: 'text',
  /** What the allocation was asked for: with its margin, what idle flows keep, and probing. */
  asked: 'kbps',
  /** What was wanted, as far as anybody saw: what arrived, or what was asked where that was not given. */
  demand: 'kbps',
  need: 'kbps',
  rate: 'kbps',
  /** Before the shaper and after it, over the time in which the edge was heard; null: it never was. */
  arrived: 'kbps',
  carried: 'kbps',
  /** Seconds in which it was heard; null: a row of an earlier release, which heard it all the while or never. */
  heard: 'seconds',
  /** What was asked, up to the ceiling, and not given. */
  unmet: 'kbps',
  /** What all guarantee bands promise; what the demand of each tick may claim of that, and what of the claim it lacked. */
  promised: 'kbps',
  claimed: 'kbps',
  lacked: 'kbps',
  below_guarantee_s: 'count',
  at_ceiling_s: 'count',
  /** Where nothing is enforced: what enforcing would have given at the moment. Null: it is enforced. */
  would: 'kbps',
} as const satisfies Record<string, Kind>

const FLOW_COLUMNS = {
  ...MEAN_COLUMNS,
  m_at: 'time',
  m_limit: 'text',
  m_asked: 'exact',
  m_recent: 'exact',
  m_phi: 'exact',
  /** Null: the flow was steered. */
  m_charged: 'exact',
  m_need: 'exact',
  /** What the solver said, and what the edge was told, whole kbit/s. */
  m_rate: 'kbps',
  m_told: 'kbps',
} as const satisfies Record<string, Kind>

const LINK_COLUMNS = {
  slot: 'time',
  seconds: 'count',
  link: 'text',
  revision: 'count',
  plan: 'text',
  state: 'text',
  capacity: 'kbps',
  need_load: 'kbps',
  load: 'kbps',
  /** What arrived at the edges of its flows; null: it is not known. */
  arrived: 'kbps',
  /** What it carried: by the network's own counter where there is one, else by what edges count. */
  carried: 'kbps',
  /** Seconds in which that was said; null: likewise. */
  heard: 'seconds',
  measured_by: 'text',
  unmet: 'kbps',
  /** Seconds in which this link kept somebody from what they asked. */
  short_s: 'count',
  m_at: 'time',
  /** Room in the solve, bit/s, after what could not be steered. */
  m_room: 'exact',
} as const satisfies Record<string, Kind>

export type TableColumns = Readonly<Record<string, Kind>>
export type Rows<T extends TableColumns> = { readonly [K in keyof T]: Values[T[K]] }
export type FlowRows = Rows<typeof FLOW_COLUMNS>
export type FlowMeans = Rows<typeof MEAN_COLUMNS>
export type LinkRows = Rows<typeof LINK_COLUMNS>

export interface Table<T extends TableColumns> {
  readonly name: string
  readonly columns: T
  /** Rows of one subject stand together in a file of a whole day. */
  readonly subject: keyof T & string
  /** Files of before lack the column `without`; what these columns mean stood there under these names. */
  readonly former: { readonly without: keyof T & string; readonly names: { readonly [K in keyof T]?: string } }
}
/** `demand` was what was asked then, and `measured` what arrived. */
const FORMER_FLOWS = { without: 'asked', names: { asked: 'demand', demand: 'measured', arrived: 'measured' } } as const
export const FLOWS: Table<typeof FLOW_COLUMNS> = {
  ...{ name: 'flows', columns: FLOW_COLUMNS, subject: 'flow', former: FORMER_FLOWS },
}
/** The same rows without the moment, for those who read months. */
export const FLOW_MEANS: Table<typeof MEAN_COLUMNS> = {
  ...{ name: 'flows', columns: MEAN_COLUMNS, subject: 'flow', former: FORMER_FLOWS },
}
/** Without a counter `measured` was what arrived at the edges, upwards too, where a link carries less. */
const FORMER_LINKS = { without: 'carried', names: { carried: 'measured' } } as const
export const LINKS: Table<typeof LINK_COLUMNS> = {
  ...{ name: 'links', columns: LINK_COLUMNS, subject: 'link', former: FORMER_LINKS },
}

export function emptyRows<T extends TableColumns>({ columns }: Table<T>): Rows<T> {
  // The table is the type: every key of Rows is made here.
  return Object.fromEntries(Object.keys(columns).map((name) => [name, []])) as unknown as Rows<T>
}

export const rowCount = (rows: Rows<TableColumns>): number => Object.values(rows)[0]?.length ?? 0

/** Adds the rows of `from` that `keep` keeps. */
export function appendRows<T extends TableColumns>(
  into: Rows<T>,
  from: Rows<T>,
  keep?: (row: number) => boolean,
): void {
  const n = rowCount(from)
  for (const name of Object.keys(into)) {
    const to: (number | string | null)[] = into[name]!
    const column = from[name]!
    for (let i = 0; i < n; i++) if (keep === undefined || keep(i)) to.push(column[i]!)
  }
}

/** Rows in the order of subject, then time. */
export function sortRows<T extends TableColumns>(table: Table<T>, rows: Rows<T>): Rows<T> {
  const subject = rows[table.subject] as readonly string[]
  const slot = rows.slot as readonly number[]
  const order = Array.from(subject, (_, i) => i).sort((a, b) =>
    subject[a]! < subject[b]! ? -1 : subject[a]! > subject[b]! ? 1 : slot[a]! - slot[b]! || a - b,
  )
  const pick = (column: readonly unknown[]): unknown[] => order.map((i) => column[i])
  return Object.fromEntries(Object.entries(rows).map(([name, column]) => [name, pick(column)])) as unknown as Rows<T>
}

/** The columns as the writer of Parquet wants them. */
export function sourcesOf<T extends TableColumns>({ columns }: Table<T>, rows: Rows<T>): ColumnSource[] {
  return Object.entries(columns).map(([name, kind]) => sourceOf(name, kind, rows[name]!))
}

function sourceOf(name: string, kind: Kind, data: (number | string | null)[]): ColumnSource {
  switch (kind) {
    case 'time':
      return { name, type: 'TIMESTAMP', nullable: false, data: data.map((ms) => new Date(Number(ms))) }
    case 'text':
      return { name, type: 'STRING', nullable: false, data }
    case 'exact':
      return { name, type: 'DOUBLE', nullable: true, data }
    case 'kbps':
      return { name, type: 'INT64', nullable: true, data: data.map((v) => (v === null ? null : BigInt(v))) }
    case 'count':
      return { name, type: 'INT32', nullable: false, data }
    case 'seconds':
      return { name, type: 'INT32', nullable: true, data }
  }
}

/** A value as it stands in memory again. */
export function memoryValue(kind: Kind, value: unknown): number | string | null {
  if (value === null || value === undefined) return null
  return kind === 'text' ? String(value) : Number(value)
}
