// One ceiling over several devices. HTB cannot share a class between devices, so what a flow may send is divided over
// those of its direction: whole kbit/s, whose sum is the flow's rate exactly, with a floor on each.
//
// Divided by what arrived there in the last second, max-min fair: a device is given what arrived and a tenth more,
// before those on which more waits than they may send share the rest alike. Parts proportional to what arrives would
// not do: TCP offers what it is let, so whoever has little would keep little. What nobody asked for is where it is
// likely to be asked for: where most has arrived of late, but a twelfth of it elsewhere, for what begins there. While
// all have room nothing moves for little, so a flow that is far from its rate costs no change.
//
// In the second after traffic has moved from one device to another the sum of both is what it should be, but the one
// may have more than it sends and the other less than it could. Pure.

import type { KilobitsPerSecond } from '../../../model/units.js'

/** What a flow did on one device since the last look. */
export interface Offered {
  readonly arrived: KilobitsPerSecond
  /** What arrives there of late. */
  readonly usual: KilobitsPerSecond
  /** It was held back: something waits, or was dropped. */
  readonly waits: boolean
}

/** Beyond what arrived, so that what grows a little need not wait; nobody else has it meanwhile. */
const HEADROOM = 1.1
/** Carried, of what it may carry: less than that is not held back by its rate. */
export const FULL = 0.9
/** Of the rate: whatever would move less stays, if somebody lacks it or all have room. */
const MOVE = 0.02
const DRIFT = 0.25
/** Beside what is usual each has so much of the sum of it. */
const NEWCOMER = 0.1

/**
 * Parts of `rate` as `weights` are to each other, above `floor` each: whole numbers whose sum is `rate`. Parts that
 * were made of the same rate come out as they were, where each is above the floor.
 */
export function divided(
  rate: KilobitsPerSecond,
  weights: readonly number[],
  floor: KilobitsPerSecond,
): KilobitsPerSecond[] {
  const count = weights.length
  const least = Math.min(floor, Math.floor(rate / count))
  const rest = rate - least * count
  const above = weights.map((weight) => Math.max(0, weight - least))
  const sum = above.reduce((a, b) => a + b, 0)
  // Rounded as they add up, so that the last one closes the sum.
  let weight = 0
  let given = 0
  return above.map((part, k) => {
    weight += part
    const exact = sum > 0 ? (rest * weight) / sum : (rest * (k + 1)) / count
    const until = k === count - 1 ? rest : Math.min(rest, Math.floor(exact))
    const mine = until - given
    given = until
    return least + mine
  })
}

/** What each device shall have of `rate` next; `parts` themselves where they may stay. */
export function nextParts(
  rate: KilobitsPerSecond,
  parts: readonly KilobitsPerSecond[],
  offered: readonly Offered[],
  floor: KilobitsPerSecond,
): readonly KilobitsPerSecond[] {
  const usual = offered.reduce((sum, one) => sum + one.usual, 0)
  const hasRoom = offered.every(({ arrived, waits }, k) => !waits && arrived <= parts[k]!)
  if (hasRoom && usual === 0) return parts
  const least = Math.min(floor, rate / parts.length)
  const asked = offered.map(({ arrived, waits }) =>
    waits ? rate : Math.max(least, Math.min(rate, Math.ceil(arrived * HEADROOM))),
  )
  const given = maxMin(rate, asked)
  const spare = Math.max(0, rate - given.reduce((a, b) => a + b, 0))
  const likely = offered.map((one) => one.usual + NEWCOMER * usual + (usual > 0 ? 0 : 1))
  const all = likely.reduce((a, b) => a + b, 0)
  const next = divided(
    rate,
    given.map((part, k) => part + (spare * likely[k]!) / all),
    floor,
  )
  const enough = rate * (hasRoom ? DRIFT : MOVE)
  // Where next to nothing is left, whoever begins there would wait for a second.
  const stays = (part: number, k: number): boolean =>
    Math.abs(part - parts[k]!) <= enough && parts[k]! >= Math.min(part, MOVE * rate)
  return next.every(stays) ? parts : next
}

/** Who asks for least is served first; nobody has more than they ask, and who has less than that has as much as any. */
function maxMin(rate: number, asked: readonly number[]): number[] {
  const given = asked.map(() => 0)
  let left = rate
  const order = asked.map((ask, k) => ({ ask, k })).sort((a, b) => a.ask - b.ask)
  for (const [at, { ask, k }] of order.entries()) {
    given[k] = Math.min(ask, left / (order.length - at))
    left -= given[k]!
  }
  return given
}

/**
 * Parts of all flows (by flow, then by device) such that no device has more than its port. What is taken from one that
 * has too much goes to devices that have room, and is nobody's where none has; floors stay.
 */
export function withinPorts(
  flows: readonly (readonly KilobitsPerSecond[])[],
  ports: readonly KilobitsPerSecond[],
  floor: KilobitsPerSecond,
): KilobitsPerSecond[][] {
  const parts = flows.map((flow) => [...flow])
  const room = ports.map((port, k) => port - parts.reduce((sum, flow) => sum + flow[k]!, 0))
  for (const [k, free] of room.entries()) {
    if (free >= 0) continue
    const above = parts.map((flow) => Math.max(0, flow[k]! - floor))
    const most = above.reduce((a, b) => a + b, 0)
    const factor = most > 0 ? Math.min(1, -free / most) : 0
    for (const [f, flow] of parts.entries()) {
      const cut = Math.min(above[f]!, Math.ceil(above[f]! * factor))
      flow[k]! -= cut
      room[k]! += cut
      handOn(flow, room, k, cut)
    }
  }
  return parts
}

function handOn(flow: number[], room: number[], from: number, cut: number): void {
  const others = room.map((free, k) => ({ free, k })).filter(({ free, k }) => k !== from && free > 0)
  let left = cut
  for (const { k } of others.sort((a, b) => b.free - a.free)) {
    const given = Math.min(left, Math.floor(room[k]!))
    flow[k]! += given
    room[k]! -= given
    left -= given
  }
}

/** The classes of a flow that has `rate` of what they were made for: in their proportions, with `rate` as their sum. */
export const classesOf = (classes: readonly KilobitsPerSecond[], rate: KilobitsPerSecond): KilobitsPerSecond[] =>
  classes.length === 0 ? [] : divided(rate, classes, 0)
