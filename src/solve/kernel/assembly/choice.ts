// Choosing between two numbers without a branch.
//
// Engines compile `select` of 64 bits to a branch, and whether a flow is at its cap is a coin toss: a wrong guess costs
// as much as twenty additions. Vectors have masks, all bits or none, and those choose for the price of an addition. So
// one number is worked on as a vector of two, of which the second is nobody's or that of a neighbour in memory.

/** A mask from 0 or 1. */
export function maskOf(isChosen: u32): v128 {
  return i64x2.splat(-(<i64>isChosen))
}

/** The first number of a vector, in both places. */
export function first(both: v128): v128 {
  return v128.shuffle<f64>(both, both, 0, 0)
}

/** The second number of a vector, in both places. */
export function second(both: v128): v128 {
  return v128.shuffle<f64>(both, both, 1, 1)
}

export function numberOf(x: v128): f64 {
  return f64x2.extract_lane(x, 0)
}

export function f64both(column: usize, n: u32): v128 {
  return v128.load_splat<f64>(column + ((<usize>n) << 3))
}

/** 1 or 0 from a mask. */
export function oneOf(mask: v128): u32 {
  return i32x4.extract_lane(mask, 0) & 1
}

/** Two counts of a vector, together. */
export function sumOfPair(count: v128): u32 {
  return <u32>(i64x2.extract_lane(count, 0) + i64x2.extract_lane(count, 1))
}
