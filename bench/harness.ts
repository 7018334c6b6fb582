// What benches share: chance from a seed, a hash of the answer, a table.

import { createHash } from 'node:crypto'
import { textTable } from '../src/runtime/text-table.js'

export const SEED = Number(process.env.MIZANI_SEED ?? 1)

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32, Tommy Ettinger, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The bytes of an answer, shortened: equal hashes mean equal answers. */
export function hashOf(...columns: readonly ArrayBufferView[]): string {
  const hash = createHash('sha256')
  for (const column of columns) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  return hash.digest('hex').slice(0, 12)
}

/** 0.0794 ms as "79.4 us", 12.3 ms as "12.3 ms". */
export function shown(milliseconds: number): string {
  const [value, unit] = milliseconds < 1 ? [milliseconds * 1000, 'us'] : [milliseconds, 'ms']
  return `${Number(value.toPrecision(3))} ${unit}`
}

export function printTable(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  console.log(textTable({ heads, rows: rows.map((row) => row.map(String)) }))
}
