// What counts as missing something: a shortfall below this part, or below 64 kbit/s, is not worth a person's attention.

import type { BitsPerSecond } from './units.js'

const SHORT_PART = 0.01
export const SHORT_LEAST: BitsPerSecond = 64_000

export const isShortOf = (got: BitsPerSecond, asked: BitsPerSecond): boolean =>
  asked - got > Math.max(SHORT_PART * asked, SHORT_LEAST)
