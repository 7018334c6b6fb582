// An alarm is a thing: it has a cause, a beginning, a sentence, and an end. What started together from one cause is one
// alarm with many members, because nobody reads three hundred.

import type { Text } from './network.js'
import type { BitsPerSecond, UnixMilliseconds } from './units.js'

export const SEVERITIES = ['critical', 'major', 'minor'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface Acknowledgement {
  readonly by: string
  readonly at: UnixMilliseconds
  readonly note: string
}

/** Word of an acknowledgement at another controller of the plane, whose alarms have ids of their own. */
export interface SeenElsewhere extends Acknowledgement {
  readonly code: string
  /** Some of the members. */
  readonly members: readonly string[]
}

export interface Alarm {
  readonly id: string
  readonly code: string
  readonly severity: Severity
  /** Links, edges, institutions or parts of the system, in the order in which they came. */
  readonly members: readonly string[]
  /** Regions of its members; empty: it concerns everybody. */
  readonly regions: readonly string[]
  readonly since: UnixMilliseconds
  /** Null: it lasts. */
  readonly cleared: UnixMilliseconds | null
  readonly acknowledged: Acknowledgement | null
  /** Of members whose sum is short, what it is now, or was when it was last found. */
  readonly short?: Readonly<Record<string, Short>> | undefined
  /** Of members what others say, as it was when they were last found. */
  readonly said?: Readonly<Record<string, string>> | undefined
}

/** A sum that is more than there is, bit/s. */
export interface Short {
  readonly promised: BitsPerSecond
  readonly usable: BitsPerSecond
}

export interface WordedAlarm extends Alarm {
  readonly subject: string
  /** Since when nothing of it is found any more: it waits to end. Null: it is found, or is over. */
  readonly gone: UnixMilliseconds | null
  readonly detail: Text
  readonly remedy: Text
}
