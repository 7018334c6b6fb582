// One table in one Parquet file. GZIP, because every reader of Parquet knows it.

import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parquetScan } from 'hyparquet'
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { UnixMilliseconds } from '../model/units.js'
import { writeWhole } from '../runtime/whole-file.js'
import { emptyRows, memoryValue, type Rows, sourcesOf, type Table, type TableColumns } from './tables.js'

/** One subject's day is 288 rows; a reader that looks for it reads a few per cent of the file. */
const ROWS_PER_GROUP = 20_000
/** Level 6 takes twice the time and saves 2 %. */
const compressors = { GZIP: (bytes: Uint8Array) => gzipSync(bytes, { level: 4 }) }
const decompressors = { GZIP: (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes)) }
export function writeTable<T extends TableColumns>(file: string, table: Table<T>, rows: Rows<T>): void {
  const writing = tableWriter(table)
  writing.add(rows)
  writeWhole(file, writing.end())
}

/** A table in pieces, one after another, so that a whole day never lies in memory as rows. */
export function tableWriter<T extends TableColumns>(table: Table<T>) {
  const bytes = new ByteWriter()
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: sourcesOf(table, emptyRows(table)) }),
    codec: 'GZIP',
    compressors,
    // Whole names: a reader skips groups by them.
    statisticsTruncateLength: 200,
    createdBy: 'mizani',
  })
  return {
    add(rows: Rows<T>): void {
      writer.write({ columnData: sourcesOf(table, rows), rowGroupSize: ROWS_PER_GROUP })
    },
    end(): Uint8Array {
      writer.finish()
      return bytes.getBytes()
    },
  }
}

export interface Wanted {
  /** Subjects between these two, as text sorts; absent: all. */
  readonly subjects?: { readonly from: string; readonly before: string } | undefined
  /** Slots that begin at or after `from` and before `before`; absent: all. */
  readonly slots?: { readonly from: UnixMilliseconds; readonly before: UnixMilliseconds } | undefined
}

export function readTable<T extends TableColumns>(
  file: string,
  table: Table<T>,
  wanted: Wanted = {},
): Promise<Rows<T>> {
  // The table is the type: these are its columns, all of them.
  return readColumns(file, table, Object.keys(table.columns), wanted) as Promise<Rows<T>>
}

/** Some columns of the rows that are wanted: column by column, because a day of a nation is a million rows. */
export async function readColumns<T extends TableColumns, Name extends keyof T & string>(
  file: string,
  table: Table<T>,
  names: readonly Name[],
  { subjects, slots }: Wanted = {},
): Promise<Pick<Rows<T>, Name>> {
  const bytes = readFileSync(file)
  const scan = await parquetScan({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    compressors: decompressors,
    parsers: { timestampFromMilliseconds: Number },
    ...(subjects && { pruningFilter: { [table.subject]: { $gte: subjects.from, $lt: subjects.before } } }),
  })
  // A file of an earlier release may lack a column that came later.
  const present = new Set(scan.metadata.schema.map(({ name }) => name))
  const { without, names: formerNames } = table.former
  const nameIn = (name: Name): string => (present.has(without) ? name : (formerNames[name] ?? name))
  const rows = emptyRows(table)
  for (const range of scan.ranges) {
    const column = async (name: string): Promise<ArrayLike<unknown>> =>
      present.has(name) ? scan.readColumn({ column: name, ...range }) : []
    const kept = Array.from({ length: range.rowEnd - range.rowStart }, (_, row) => row)
    const held = slots ? within(kept, await column('slot'), slots) : kept
    const own = subjects ? within(held, await column(table.subject), subjects) : held
    if (own.length === 0) continue
    for (const name of names) {
      const values = await column(nameIn(name))
      const to: (number | string | null)[] = rows[name]!
      for (const row of own) to.push(memoryValue(table.columns[name]!, values[row]))
    }
  }
  return rows
}

/** The rows whose value lies in the range. */
function within<Value extends number | string>(
  rows: readonly number[],
  values: ArrayLike<unknown>,
  { from, before }: { readonly from: Value; readonly before: Value },
): readonly number[] {
  return rows.filter((row) => {
    // Both columns that are asked here are never null.
    const value = values[row] as Value
    return value >= from && value < before
  })
}
