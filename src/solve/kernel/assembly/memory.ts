// Reading and writing columns. A column is known by the address of its first number.

export function f64at(column: usize, n: u32): f64 {
  return load<f64>(column + ((<usize>n) << 3))
}

export function setF64(column: usize, n: u32, value: f64): void {
  store<f64>(column + ((<usize>n) << 3), value)
}

export function u32at(column: usize, n: u32): u32 {
  return load<u32>(column + ((<usize>n) << 2))
}

export function setU32(column: usize, n: u32, value: u32): void {
  store<u32>(column + ((<usize>n) << 2), value)
}

export function i32at(column: usize, n: u32): i32 {
  return load<i32>(column + ((<usize>n) << 2))
}

export function setI32(column: usize, n: u32, value: i32): void {
  store<i32>(column + ((<usize>n) << 2), value)
}

export function u16at(column: usize, n: u32): u32 {
  return load<u16>(column + ((<usize>n) << 1))
}

export function u8at(column: usize, n: u32): u32 {
  return load<u8>(column + <usize>n)
}
