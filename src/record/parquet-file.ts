// One table in one Parquet file. A file is written beside, flushed and renamed: under its name there is the whole file
// or none. GZIP, because every reader of Parquet knows it.

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parquetReadObjects } from 'hyparquet'
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { emptyRows, memoryValue, type Rows, sourcesOf, type Table, type TableColumns } from './tables.js'

/** One subject's day is 288 rows; a reader that looks for it reads a few per cent of the file. */
const ROWS_PER_GROUP = 20_000
/** Level 6 takes twice the time and saves 2 %. */
const compressors = { GZIP: (bytes: Uint8Array) => gzipSync(bytes, { level: 4 }) }
const decompressors = { GZIP: (bytes: Uint8Array) => new Uint8Array(gunzipSync(bytes)) }
export const BESIDE = '.writing'

/** Never leaves half a file under this name, and is on the disk when it returns. @throws what the disk says. */
export function writeWhole(file: string, bytes: Uint8Array): void {
  const beside = `${file}${BESIDE}`
  try {
    const handle = openSync(beside, 'w', 0o600)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(dirname(file))
}

/** A rename is on the disk once the folder is. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

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
}

export async function readTable<T extends TableColumns>(
  file: string,
  table: Table<T>,
  { subjects }: Wanted = {},
): Promise<Rows<T>> {
  const bytes = readFileSync(file)
  const found = await parquetReadObjects({
    file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    compressors: decompressors,
    ...(subjects && { filter: { [table.subject]: { $gte: subjects.from, $lt: subjects.before } } }),
  })
  const rows = emptyRows(table)
  for (const [name, kind] of Object.entries(table.columns)) {
    const column: (number | string | null)[] = rows[name]!
    // A file of an earlier release may lack a column that came later.
    for (const row of found) column.push(memoryValue(kind, row[name]))
  }
  return rows
}
