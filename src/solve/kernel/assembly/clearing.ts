// Columns made empty.

import { setF64 } from './memory.js'

export function fillF64(column: usize, count: u32, value: f64): void {
  const both = f64x2.splat(value)
  let n: u32 = 0
  for (; n + 1 < count; n += 2) v128.store(column + ((<usize>n) << 3), both)
  if (n < count) setF64(column, n, value)
}

export function fillBytes(column: usize, bytes: usize, value: u8): void {
  memory.fill(column, value, bytes)
}
