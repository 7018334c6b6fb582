// What each pass of the kernel does, in plain JavaScript: the definition, without masks, vectors, a heap or addresses.
//
// Sums are added up in the kernel's order, as this order is part of the answer's bytes. Lists are written as the kernel
// writes them: each candidate is put down at the end, and counted or not. Columns in SCRATCH mean nothing between
// passes, and are not defined here.

import { type Columns, TALLY, TILE, tilesOf } from '../../src/solve/kernel/columns.js'
import type { Kernel, PassName } from '../../src/solve/kernel/kernel.js'
import type { Shape } from '../../src/solve/problem.js'

export const SCRATCH = ['heapLink', 'heapLevel', 'liveFlow', 'liveEnd', 'gone'] as const

/** What a pass finds by itself. */
export interface World extends Columns {
  readonly shape: Shape
}
export type Definitions = {
  readonly [N in PassName]: (w: World, ...of: Parameters<Kernel[N]>) => ReturnType<Kernel[N]>
}

const SAME = 1e-9
const ROUNDING = 2 ** -40
/** Of water: what a flow has at level 0, its speed, what it may take, and (a whole number) the link that stopped it. */
const [BASE, SPEED, MOST, BY, WATER] = [0, 1, 2, 3, 4]
const NOBODY = -1n

interface Entry {
  readonly flow: number
  readonly part: number
  readonly isWhole: boolean
}

/** Who crosses link l, tile by tile; in each those first whom it carries whole. */
function crossing(w: World, l: number, of: 'crossing' | 'other' = 'crossing'): Entry[][] {
  const [start, parts, flow, fraction] = [w[`${of}Start`], w[`${of}Parts`], w[`${of}Flow`], w[`${of}Fraction`]]
  return Array.from({ length: tilesOf(w.shape) }, (_, tile) => {
    const at = tile * w.shape.links + l
    return Array.from({ length: start[at + 1]! - start[at]! }, (_, n) => {
      const e = start[at]! + n
      return { flow: tile * TILE + flow[e]!, part: fraction[e]!, isWhole: e < parts[at]! }
    })
  })
}

function gather(w: World, x: Float64Array, l: number, of: 'crossing' | 'other'): number {
  let total = 0
  for (const entries of crossing(w, l, of)) {
    const whole = entries.filter(({ isWhole }) => isWhole)
    const parted = entries.filter(({ isWhole }) => !isWhole)
    const sums: [number, number, number, number] = [0, 0, 0, 0]
    for (const [n, { flow }] of whole.entries()) sums[n < whole.length - (whole.length % 4) ? n % 4 : 0]! += x[flow]!
    for (const [n, { flow, part }] of parted.entries()) {
      sums[n === parted.length - 1 && n % 2 === 0 ? 3 : 1 + (n % 2)]! += part * x[flow]!
    }
    total += sums[0] + sums[1] + (sums[2] + sums[3])
  }
  return total
}

const isShort = (x: number, u: number, held: number): boolean => x < u * (1 - SAME) - ROUNDING * held

function noteShort({ shortIn }: World, i: number, is: boolean, need: number): void {
  if (is && shortIn[i]! < 0) shortIn[i] = need
}

const countNamed = (bottleneck: Int32Array): number => bottleneck.filter((l) => l !== -1).length

/** Where a filling stands, link by link. */
class Climb {
  private readonly w: World
  private readonly stopped: BigInt64Array
  private readonly steps: number
  private nextStep = 0
  /** By link: who still rose when it was looked at last, and what the others have. */
  private readonly live = new Map<number, Entry[][]>()
  private readonly gone = new Map<number, number>()

  constructor(w: World, steps: number) {
    this.w = w
    this.steps = steps
    this.stopped = new BigInt64Array(w.water.buffer, w.water.byteOffset, w.water.length)
  }

  look(l: number, level: number): { taken: number; rising: number; asked: number } {
    const { water } = this.w
    const soFar = this.gone.get(l) ?? 0
    let [had, partsHad, base, rising, all, parts] = [0, 0, 0, 0, 0, 0]
    const live = (this.live.get(l) ?? crossing(this.w, l)).map((entries) =>
      entries.filter(({ flow, part, isWhole }) => {
        const at = WATER * flow
        const most = water[at + MOST]!
        const stands = most <= water[at + BASE]! + water[at + SPEED]! * level
        if (isWhole) all += most
        else parts += part * most
        if (!stands) {
          base += part * water[at + BASE]!
          rising += part * water[at + SPEED]!
        } else if (isWhole) had += most
        else partsHad += part * most
        return !(isWhole && stands)
      }),
    )
    this.live.set(l, live)
    this.gone.set(l, soFar + had)
    return { taken: soFar + had + partsHad + base, rising, asked: soFar + all + parts }
  }

  stopAll(l: number, level: number): void {
    const { water, blockedBy } = this.w
    for (const { flow } of crossing(this.w, l).flat()) {
      const at = WATER * flow
      const has = water[at + BASE]! + water[at + SPEED]! * level
      if (has < water[at + MOST]!) {
        water[at + MOST] = has
        this.stopped[at + BY] = BigInt(l)
      }
      if (blockedBy[flow]! < 0) blockedBy[flow] = l
    }
  }

  passSteps(level: number): void {
    const { water, piece, segmentWeight, stepTag, stepLevel } = this.w
    for (; this.nextStep < this.steps && stepLevel[this.nextStep]! <= level; this.nextStep++) {
      const tag = stepTag[this.nextStep]!
      const i = tag >>> 1
      if (tag % 2 === 0 || this.stopped[WATER * i + BY]! >= 0n) continue
      const weight = segmentWeight[++piece[i]!]!
      water[WATER * i + BASE]! += (water[WATER * i + SPEED]! - weight) * stepLevel[this.nextStep]!
      water[WATER * i + SPEED] = weight
    }
  }
}

/** Those of a list of flows below their caps who name a wrong link, or none. */
function countFalse(
  w: World,
  list: Uint32Array,
  isStuck: boolean,
  named: Int32Array,
  held: Float64Array,
  need: number,
) {
  const { expected, cap, isFull, level, highest, crossed, isStopped, firstShort, tally, routeStart, routeLink } = w
  let found = 0
  for (const i of list) {
    if (isStuck) {
      if (!(expected[i]! >= 0)) expected[i] = 0
      if (cap[i]! * (1 - SAME) <= ROUNDING * held[i]!) continue
    }
    const l = named[i]!
    const holds = l >= 0 && l < w.shape.links && isFull[l] === 1 && level[i]! >= highest[l]! * (1 - SAME)
    const isOnPath = crossed[i] === l || routeLink.subarray(routeStart[i], routeStart[i + 1]).includes(l >>> 0)
    if (isOnPath) crossed[i] = l
    if (!(holds && isOnPath)) found++
    if (isStopped[i] === 0) tally[TALLY.stopped]!++
    isStopped[i] = 1
    if (need >= 0 && (isStuck || l >= 0) && firstShort[i]! < 0) firstShort[i] = need
  }
  return found
}

/** The level at which flow i has y. */
function levelOf(w: World, i: number, y: number, held: Float64Array): number {
  const { piece, segmentUpTo, segmentWeight, speed } = w
  let s = piece[i]!
  if (segmentUpTo[s] === Number.POSITIVE_INFINITY) return y / speed[i]!
  let [level, at] = [0, 0]
  for (; segmentUpTo[s]! - held[i]! < y; s++) {
    const next = segmentUpTo[s]! - held[i]!
    level += (next - at) / segmentWeight[s]!
    at = next
  }
  return level + (y - at) / segmentWeight[s]!
}

export const DEFINITIONS: Definitions = {
  fillBytes: (_, { buffer, byteOffset, byteLength }, value) => {
    new Uint8Array(buffer, byteOffset, byteLength).fill(value)
  },
  fillF64: (_, column, value) => {
    column.fill(value)
  },
  sum: (w, x, link, count, sum) => {
    for (const l of link.subarray(0, count)) sum[l] = gather(w, x, l, 'crossing')
  },
  loadLinks: (w, x, load) => {
    const { pathGroupStart, pathGroupFlow, pathGroupSum, pathGroupLinkStart, pathGroupOnLink, pathGroupFraction } = w
    const groups = w.pathGroupCount[0]!
    for (let l = 0; l < w.shape.links; l++) load[l] = gather(w, x, l, groups === 0 ? 'crossing' : 'other')
    if (groups === 0) return
    for (let g = 0; g < groups; g++) {
      const sums: [number, number] = [0, 0]
      for (const [n, i] of pathGroupFlow.subarray(pathGroupStart[g], pathGroupStart[g + 1]).entries()) {
        sums[n % 2]! += x[i]!
      }
      pathGroupSum[g] = sums[0] + sums[1]
    }
    for (let l = 0; l < w.shape.links; l++) {
      for (let e = pathGroupLinkStart[l]!; e < pathGroupLinkStart[l + 1]!; e++) {
        load[l]! += pathGroupFraction[e]! * pathGroupSum[pathGroupOnLink[e]!]!
      }
    }
  },
  covers: ({ shape: { flows } }, bound, last, slack) => {
    const sums: [number, number, number] = [0, 0, 0]
    for (let i = 0; i < flows; i++) {
      const more = bound[i]! - last[i]!
      if (more > 0) sums[i === flows - 1 && i % 2 === 0 ? 2 : i % 2]! += more
    }
    return sums[0] + sums[1] + sums[2] < slack[0]!
  },
  isEqual: (_, a, b) => a.every((x, n) => x === b[n]),
  least: (_, a, b, column) => {
    for (const i of column.keys()) column[i] = Math.min(b[i]!, a[i]!)
  },
  selectUpTo: (w, from, to, limit, held) => {
    const { reach, speed, cap, piece, participantFlow, stuckFlow, blockedBy, segmentUpTo, segmentWeight, tally } = w
    reach.set(held)
    speed.fill(0)
    let [count, stuck] = [0, 0]
    for (let n = from; n < to; n++) {
      const i = w.bandFlow[n]!
      let s = w.bandFrom[n]!
      while (segmentUpTo[s]! <= held[i]! && segmentUpTo[s]! < Number.POSITIVE_INFINITY) s++
      const wants = limit[i]! > held[i]! && segmentWeight[s]! > 0
      const takes = wants && blockedBy[i]! < 0
      participantFlow[count] = i
      stuckFlow[stuck] = i
      if (takes) count++
      else if (wants) stuck++
      if (takes) reach[i] = limit[i]!
      if (takes) speed[i] = segmentWeight[s]!
      cap[i] = limit[i]! - held[i]!
      piece[i] = s
    }
    tally[TALLY.participants] = count
    tally[TALLY.stuck] = stuck
  },
  selectGuaranteed: (w, from, to, held) => {
    const { reach, speed, cap, piece, participantFlow, stuckFlow, blockedBy, segmentSize, segmentWeight, tally } = w
    reach.set(held)
    speed.fill(0)
    let [count, stuck] = [0, 0]
    for (let n = from; n < to; n++) {
      const i = w.bandFlow[n]!
      const s = w.bandFrom[n]!
      const rest = w.wanted[i]! - held[i]!
      const isPart = segmentSize[s]! < rest
      const most = isPart ? segmentSize[s]! : rest
      const takes = most > 0 && blockedBy[i]! < 0
      participantFlow[count] = i
      stuckFlow[stuck] = i
      if (takes) count++
      else if (most > 0) stuck++
      if (takes) reach[i] = isPart ? held[i]! + segmentSize[s]! : w.wanted[i]!
      if (takes) speed[i] = segmentSize[s]! * segmentWeight[s]!
      cap[i] = most
      piece[i] = s
    }
    tally[TALLY.participants] = count
    tally[TALLY.stuck] = stuck
  },
  findTight: (w, link, count, tight, left, load, held) => {
    let open = 0
    for (const l of link.subarray(0, count)) {
      tight[open] = l
      if (w.saturatedIn[l]! < 0) open++
    }
    if (open === 0) return 0
    DEFINITIONS.loadLinks(w, w.reach, load)
    let found = 0
    for (const l of tight.slice(0, open)) {
      tight[found] = l
      if (load[l]! > w.room[l]!) found++
    }
    for (const l of tight.subarray(0, found)) {
      const free = w.room[l]! - gather(w, held, l, 'crossing')
      left[l] = free > ROUNDING * w.linkRoom[l]! ? free : 0
    }
    return found
  },
  begin: ({ water, cap, speed, piece, participantFlow, tally, segmentUpTo }) => {
    const stopped = new BigInt64Array(water.buffer, water.byteOffset, water.length)
    const flows = participantFlow.subarray(0, tally[TALLY.participants])
    water.fill(0)
    for (const i of flows) {
      water[WATER * i + SPEED] = speed[i]!
      water[WATER * i + MOST] = Math.min(cap[i]!, Number.MAX_VALUE)
      stopped[WATER * i + BY] = NOBODY
    }
    return flows.some((i) => segmentUpTo[piece[i]!]! < Number.POSITIVE_INFINITY)
  },
  climb: (w, band, tight, tightCount, left, steps) => {
    const links = tight.subarray(0, tightCount)
    DEFINITIONS.sum(w, w.speed, tight, tightCount, w.slope)
    const climb = new Climb(w, steps)
    /** By link that may still fill: the level before which it cannot. */
    const bounds = new Map([...links].filter((l) => w.slope[l]! > 0).map((l) => [l, left[l]! / w.slope[l]!]))
    while (bounds.size > 0) {
      const [l, level] = [...bounds].reduce((a, b) => (b[1] < a[1] || (b[1] === a[1] && b[0] < a[0]) ? b : a))
      climb.passSteps(level)
      const { taken, rising, asked } = climb.look(l, level)
      const fills = (left[l]! - taken) / rising
      const mayFill = asked > left[l]! && rising > 0
      if (mayFill && fills > level) {
        bounds.set(l, fills)
        continue
      }
      bounds.delete(l)
      if (!mayFill) w.slope[l] = asked
      else {
        if (w.saturatedIn[l] === -1) w.saturatedIn[l] = band
        w.filledAt[l] = level
        climb.stopAll(l, level)
      }
    }
    climb.passSteps(Number.POSITIVE_INFINITY)
  },
  record: (w, amount, level, bottleneck, held, need) => {
    const { water, cap, reach, participantFlow, tally } = w
    const stopped = new BigInt64Array(water.buffer, water.byteOffset, water.length)
    let isBounded = true
    for (const i of participantFlow.subarray(0, tally[TALLY.participants])) {
      const at = WATER * i
      const x = water[at + MOST]!
      const by = Number(stopped[at + BY]!)
      isBounded &&= x !== Number.MAX_VALUE
      amount[i]! += x
      if (need >= 0 || x > 0 || !(level[i]! >= 0)) level[i] = (x - water[at + BASE]!) / water[at + SPEED]!
      bottleneck[i] = by
      if (need >= 0) noteShort(w, i, by >= 0 && isShort(x, cap[i]!, held[i]!), need)
      held[i] = x === cap[i] ? reach[i]! : held[i]! + x
    }
    return isBounded
  },
  recordStuck: (w, level, bottleneck, held, need) => {
    for (const i of w.stuckFlow.subarray(0, w.tally[TALLY.stuck])) {
      if (!(level[i]! >= 0)) level[i] = 0
      bottleneck[i] = w.blockedBy[i]!
      if (need >= 0) noteShort(w, i, isShort(0, w.cap[i]!, held[i]!), need)
    }
  },
  markFull: (w, link, count, reached, left, isFlat, held, level, band) => {
    const { saturatedIn, filledAt, blockedBy, room, linkRoom, slope } = w
    const open = link.subarray(0, count).filter((l) => {
      const tiny = ROUNDING * linkRoom[l]!
      if (saturatedIn[l] !== -1) return false
      if (isFlat && reached[l]! > room[l]!) return slope[l]! >= left[l]! - tiny
      return reached[l]! > room[l]! - tiny || room[l] === 0
    })
    DEFINITIONS.sum(w, held, open, open.length, slope)
    for (const l of open) {
      if (room[l]! - slope[l]! > ROUNDING * linkRoom[l]!) continue
      const flows = crossing(w, l).flat()
      // Who wants nothing has no level: NaN.
      const levels = flows.map(({ flow }) => level[flow]!).filter((at) => at >= 0)
      if (levels.length === 0 && room[l] === 0) continue
      const highest = levels.reduce((a, b) => Math.max(a, b), 0)
      saturatedIn[l] = band
      filledAt[l] = highest
      for (const { flow } of flows) {
        const by = blockedBy[flow]!
        if (by < 0 || (saturatedIn[by] === band && filledAt[by]! > highest)) blockedBy[flow] = l
      }
    }
  },
  give: (w, promisedTo, amount, level, held) => {
    const { flows } = w.shape
    for (let i = 0; i < flows; i++) {
      const d = w.wanted[i]!
      let x = 0
      for (let s = w.segmentStart[i]!; s < promisedTo[i]!; s++) {
        const size = w.segmentSize[s]!
        const u = Math.min(size, d - x)
        const row = w.segmentBand[s]! * flows + i
        amount[row] = Math.max(u, 0)
        level[row] = u > 0 ? u / (size * w.segmentWeight[s]!) : Number.NaN
        x = u < size ? d : x + u
      }
      held[i] = x
    }
  },
  readPromises: (w, promisedTo, amount, levels, bottleneck, bands, held) => {
    const { flows } = w.shape
    if (countNamed(bottleneck.subarray(0, bands * flows)) > 0) return false
    let isRight = true
    for (let i = 0; i < flows; i++) {
      let s = w.segmentStart[i]!
      let x = 0
      for (let band = 0; band < bands; band++) {
        const [y, at] = [amount[band * flows + i]!, levels[band * flows + i]!]
        if (s === promisedTo[i] || w.segmentBand[s] !== band) {
          isRight &&= y === 0 && !(at >= 0)
          continue
        }
        const size = w.segmentSize[s]!
        const rest = w.wanted[i]! - x
        const u = Math.min(size, rest)
        const off = Math.abs(at * (size * w.segmentWeight[s]!) - y)
        isRight &&= Math.abs(y - u) <= SAME * u || (y === 0 && u <= ROUNDING * x)
        isRight &&= (off <= SAME * y && at >= 0) || (y === 0 && Number.isNaN(at))
        x += y
        s++
      }
      isRight &&= s === promisedTo[i]
      held[i] = x
    }
    return isRight
  },
  beginBand: ({ expected, isStopped, tally }) => {
    expected.fill(Number.NaN)
    isStopped.fill(0)
    tally[TALLY.stopped] = 0
  },
  checkParticipants: (w, rest, isLast, held) => {
    const { cap, got, level, shortFlow, participantFlow, tally } = w
    let short = 0
    let isRight = true
    level.fill(0)
    for (const i of participantFlow.subarray(0, tally[TALLY.participants])) {
      const u = cap[i]!
      const rounding = ROUNDING * held[i]!
      const y = u < rest[i]! && !isLast ? u : rest[i]!
      const x = isLast && y <= rounding && y > -rounding ? 0 : y
      got[i] = x
      rest[i]! -= x
      level[i] = levelOf(w, i, x, held)
      shortFlow[short] = i
      if (x < u * (1 - SAME) - rounding) short++
      isRight &&= x >= 0 && x <= u * (1 + SAME) + rounding
    }
    tally[TALLY.wrong] = isRight ? 0 : 1
    return short
  },
  settle: ({ got, level, expected, participantFlow, tally }, held) => {
    for (const i of participantFlow.subarray(0, tally[TALLY.participants])) {
      if (!(expected[i]! >= 0) || got[i]! > 0) expected[i] = level[i]!
      held[i]! += got[i]!
    }
  },
  findFull: (w, load, bottleneck) => {
    const { isFull, highest, room, linkRoom, blockedBy, crossed, level } = w
    highest.fill(0)
    for (let l = 0; l < w.shape.links; l++) {
      if (isFull[l] === 1 || room[l]! - load[l]! > ROUNDING * linkRoom[l]!) continue
      isFull[l] = 1
      for (const { flow } of crossing(w, l).flat()) {
        if (level[flow]! > highest[l]!) highest[l] = level[flow]!
        blockedBy[flow] = l
        if (bottleneck[flow] === l) crossed[flow] = l
      }
    }
  },
  countMisnamed: (w, count, bottleneck, held, need) => {
    const found = countFalse(w, w.shortFlow.subarray(0, count), false, bottleneck, held, need)
    return found + countFalse(w, w.stuckFlow.subarray(0, w.tally[TALLY.stuck]), true, bottleneck, held, need)
  },
  countMislevelled: ({ expected, tally }, levels, bottleneck) => {
    const isWrong = (at: number, i: number): boolean =>
      !(Math.abs(at - expected[i]!) <= SAME * expected[i]!) && !(Number.isNaN(at) && Number.isNaN(expected[i]!))
    return levels.filter(isWrong).length + (countNamed(bottleneck) === tally[TALLY.stopped] ? 0 : 1)
  },
  countUnlike: (_, a, b) => a.filter((x, i) => x !== b[i]).length,
  countOver: ({ room, linkRoom }, load, need) =>
    load.filter((x, l) => !(x <= Math.max(room[l]!, need[l]!) + ROUNDING * linkRoom[l]!)).length,
  countUnequal: (_, x, held) => x.filter((y, i) => !(Math.abs(y - held[i]!) <= SAME * held[i]!)).length,
  countLeft: (_, x) => x.filter((y) => y !== 0).length,
  floorRates: (_, rate, ceiling, least, most) => {
    for (const i of rate.keys()) {
      const exact = rate[i]! / 1000
      const whole = Math.floor(exact)
      const fraction = exact - whole
      const hair = Math.max(1e-9, 1e-12 * exact)
      const isBelow = fraction > hair && (whole + 1) * 1000 <= ceiling[i]!
      rate[i] = exact
      most[i] = whole + (isBelow ? 1 : 0)
      least[i] = whole + (isBelow && fraction >= 1 - hair ? 1 : 0)
    }
  },
  findNarrow: ({ shape }, linkRoom, isParted, kept, asked, room, narrow, left) => {
    let found = 0
    for (let l = 0; l < shape.links; l++) {
      left[l] = Number.POSITIVE_INFINITY
      room[l] = (linkRoom[l]! / 1000) * (isParted[l] === 1 ? kept : 1)
      narrow[found] = l
      if (asked[l]! > room[l]!) found++
    }
    return found
  },
  markFlows: (w, link, count, isOn, last, part) => {
    isOn.fill(0)
    for (const l of link.subarray(0, count)) {
      for (const { flow, part: a } of crossing(w, l).flat()) {
        isOn[flow] = isOn[flow] === 0 ? 1 : 2
        last[flow] = l
        part[flow] = a
      }
    }
  },
  giveWide: (_, rate, least, most, isNarrow, kbps, level, tag) => {
    let waiting = 0
    for (const i of kbps.keys()) {
      const more = most[i]! - least[i]!
      kbps[i] = least[i]! + (isNarrow[i] === 0 ? more : 0)
      level[waiting] = Math.max(0, 2 - (rate[i]! - least[i]!))
      tag[waiting] = i
      if (isNarrow[i]! > 0 && more > 0) waiting++
    }
    return waiting
  },
  giveNarrow: (_, sorted, count, isOn, last, part, start, link, fraction, left, kbps) => {
    for (const i of sorted.subarray(0, count)) {
      const path: (readonly [link: number, part: number])[] =
        isOn[i] === 1
          ? [[last[i]!, part[i]!]]
          : Array.from({ length: start[i + 1]! - start[i]! }, (_, n) => [
              link[start[i]! + n]!,
              fraction[start[i]! + n]!,
            ])
      if (!path.every(([l, a]) => a <= left[l]!)) continue
      for (const [l, a] of path) left[l]! -= a
      kbps[i]!++
    }
  },
}
