// Looks beside what is shaped, again and again, and tells what it finds: a way that sites' traffic takes past the
// limits is said once in the log when it is found and once when it is gone, and stands in `edge status` and the metrics
// with how much went uncounted.

import type { BitsPerSecond, Bytes, Milliseconds, UnixMilliseconds } from '../../model/units.js'
import { fromBytes, toSeconds } from '../../model/units.js'
import type { Clock, Timer } from '../../runtime/clock.js'
import { messageOf } from '../../runtime/errors.js'
import type { Logger } from '../../runtime/log.js'
import type { Driver, Escape, ShapedDevice } from '../driver.js'
import { RECHECK } from '../rhythm.js'

export interface Sight {
  readonly at: UnixMilliseconds
  readonly escapes: readonly Escape[]
  /** In no class: bytes since the agent began, and the rate between the last two looks. Null: it cannot be told. */
  readonly uncounted: { readonly [direction in 'down' | 'up']: Uncounted } | null
  /** What is shaped, with what each sent between the last two looks; empty: another machine's. */
  readonly devices: readonly (ShapedDevice & { readonly rate: BitsPerSecond })[]
}

export interface Uncounted {
  readonly bytes: Bytes
  readonly rate: BitsPerSecond
}

export interface Lookout {
  /** Null: nothing was seen yet, or this driver sees nothing but what it shapes. */
  readonly latest: Sight | null
  look(): Promise<void>
  close(): Promise<void>
}

export function createLookout(
  driver: Driver,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Lookout {
  let latest: Sight | null = null
  let lookedAt: Milliseconds = clock.monotonic()
  let timer: Timer | null = null
  let closed = false
  let complaint = ''
  let work = Promise.resolve()

  async function look(): Promise<void> {
    const found = await driver.surroundings?.()
    if (!found || closed) return
    const now = clock.monotonic()
    const elapsed = now - lookedAt
    lookedAt = now
    const { escapes, uncounted, devices = [] } = found
    const rateOf = (bytes: Bytes): BitsPerSecond => (elapsed > 0 ? fromBytes(bytes) / toSeconds(elapsed) : 0)
    const of = (direction: 'down' | 'up'): Uncounted => {
      const bytes = uncounted?.[direction] ?? 0
      const more = bytes - (latest?.uncounted?.[direction].bytes ?? 0)
      return { bytes, rate: rateOf(more) }
    }
    tellChanges(latest?.escapes ?? [], escapes, log)
    tellStates(latest?.devices ?? [], devices, log)
    const shaped = devices.map((one) => {
      const before = latest?.devices.find(({ device }) => device === one.device)?.sent ?? one.sent
      return { ...one, rate: rateOf(Math.max(0, one.sent - before)) }
    })
    latest = {
      ...{ at: clock.wall(), escapes, devices: shaped },
      uncounted: uncounted && { down: of('down'), up: of('up') },
    }
  }

  const again = (): Promise<void> => {
    work = look().then(
      () => {
        complaint = ''
      },
      (error: unknown) => {
        const reason = messageOf(error)
        if (reason !== complaint) log.warn({ reason }, 'cannot look beside what is shaped')
        complaint = reason
      },
    )
    return work
  }
  const schedule = (): void => {
    timer = clock.setTimer(RECHECK, () => void again().then(() => closed || schedule()))
  }
  if (driver.surroundings) schedule()

  return {
    get latest() {
      return latest
    },
    look: again,
    async close() {
      closed = true
      timer?.cancel()
      await work
    },
  }
}

function tellChanges(before: readonly Escape[], now: readonly Escape[], log: Logger): void {
  const isIn = (list: readonly Escape[]) => (one: Escape) =>
    list.some(({ code, subject, used }) => code === one.code && subject === one.subject && used === one.used)
  for (const { code, subject, found } of now.filter((one) => !isIn(before)(one)))
    log.warn({ code, subject }, `a way past the limits: ${found}`)
  for (const { code, subject } of before.filter(
    ({ code: c, subject: s }) => !now.some((o) => o.code === c && o.subject === s),
  ))
    log.info({ code, subject }, 'this way past the limits is gone')
}

function tellStates(before: readonly ShapedDevice[], now: readonly ShapedDevice[], log: Logger): void {
  for (const { device, state } of now) {
    const known = before.find((one) => one.device === device)?.state ?? 'up'
    if (state === known) continue
    if (state === 'up') log.info({ device }, 'this interface carries again')
    else log.warn({ device }, state === 'down' ? 'this interface does not carry' : 'this interface is not there')
  }
}
