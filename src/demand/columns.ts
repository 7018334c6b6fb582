// Rows of a column that stand in another plan's column.

export function copyRows<Column extends Float64Array | Uint8Array>(
  to: Column,
  row: number,
  from: Column,
  fromRow: number,
  rows: number,
  width = 1,
): void {
  to.set(from.subarray(fromRow * width, (fromRow + rows) * width), row * width)
}
