// Depth of a token bucket: 4 ms of its rate, and never less than two full frames, because a bucket that holds less
// passes nothing.

import { type BitsPerSecond, type Bytes, toBytes } from './units.js'

/** Layer-2 bytes of a full Ethernet frame, without checksum. */
export const FRAME: Bytes = 1_514
export const LEAST_BURST: Bytes = 2 * FRAME
const BURST_SECONDS = 0.004

export const burstOf = (rate: BitsPerSecond): Bytes => Math.max(LEAST_BURST, Math.ceil(toBytes(rate) * BURST_SECONDS))
