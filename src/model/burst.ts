// Depth of a token bucket: 4 ms of its rate, and never less than two full frames, because a bucket that holds less
// passes nothing.

import { type BitsPerSecond, type Bytes, toBytes } from './units.js'

/** Layer-2 bytes of a full Ethernet frame, without checksum. */
export const FRAME: Bytes = 1_514
export const LEAST_BURST: Bytes = 2 * FRAME
const BURST_SECONDS = 0.004

/** What a policer lets pass at once: it drops where a shaper delays, and TCP halves its rate at each drop. */
const POLICED_SECONDS = 1.5

/** Cisco, "Comparing Traffic Policing and Traffic Shaping" (19645): normal burst = rate * (1 byte / 8 bits) * 1.5 s. */
export const policedBurstOf = (rate: BitsPerSecond): Bytes =>
  Math.max(LEAST_BURST, Math.ceil(toBytes(rate) * POLICED_SECONDS))

export const burstOf = (rate: BitsPerSecond): Bytes => Math.max(LEAST_BURST, Math.ceil(toBytes(rate) * BURST_SECONDS))
