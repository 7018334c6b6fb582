// How long something lasts, as people type it at a command.

import type { Milliseconds } from '../model/units.js'
import { usageError } from './errors.js'

const UNITS: Readonly<Record<string, Milliseconds>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** "90s", "30m", "2h" or "1d". @throws MizaniError, exit code 2, for anything else. */
export function durationOf(text: string): Milliseconds {
  const [, amount, unit] = /^(\d{1,6})\s*([smhd])$/.exec(text.trim()) ?? []
  if (amount === undefined || unit === undefined) throw usageError(`"${text}" is no duration`, 'Say 30m, 2h or 1d.')
  return Number(amount) * UNITS[unit]!
}

/** Seconds as a bare number, or as a duration. @throws MizaniError, exit code 2. */
export const secondsOf = (text: string): number =>
  /^\d{1,6}$/.test(text.trim()) ? Number(text) : durationOf(text) / 1_000
