// A duration as people type it at a command; what is none is wrong usage.

import { DURATION_EXAMPLES, parseDuration } from '../model/duration.js'
import { type Milliseconds, toSeconds } from '../model/units.js'
import { usageError } from './errors.js'

/** "90s", "30m", "1h30m", "90 minutes" or "2 days". @throws MizaniError, exit code 2, for anything else. */
export function durationOf(text: string): Milliseconds {
  const found = parseDuration(text)
  if (found === undefined) throw usageError(`"${text}" is no duration`, `Say ${DURATION_EXAMPLES}.`)
  return found
}

/** Seconds as a bare number, or as a duration. @throws MizaniError, exit code 2. */
export const secondsOf = (text: string): number =>
  /^\d{1,6}$/.test(text.trim()) ? Number(text) : toSeconds(durationOf(text))
