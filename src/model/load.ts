// Offered load: what institutions would send if nothing held them back, as a pure function of (seed, who, when).
//
// The simulated data plane of the demo and the capacity planner share it, so that a plan and a demonstration speak of
// the same traffic. There is no state: any moment may be asked for in any order, and the same question has the same
// answer.
//
//   load = guarantee x intensity(institution) x habit(service, direction) x hour(category) x noise(flow) x events
//
// All figures are assumptions, not measurements: no public curve of a government network in the region was found. The
// hours follow office hours of 07:30 to 15:30 in East Africa Time (UTC+3, no summer time), the class mix the usual
// office.

import type { Direction } from './network.js'
import { type BitsPerSecond, DAY, HOUR, type Milliseconds, type UnixMilliseconds } from './units.js'

/** One flow as the load model sees it. */
export interface LoadSubject {
  readonly institution: string
  readonly category: string
  readonly service: string
  readonly direction: Direction
  /** What the flow is promised; where that is 0 a tenth of the ceiling stands in for it. */
  readonly guarantee: BitsPerSecond
  readonly ceiling: BitsPerSecond
  /** Part of the institution's load that is meant (one of several edges), or growth. 1 when absent. */
  readonly scale?: number
}

/** Something that multiplies load for a while. Absent selectors select everything. */
export interface LoadEvent {
  readonly from: UnixMilliseconds
  readonly until: UnixMilliseconds
  readonly factor: number
  readonly category?: string
  readonly institution?: string
  readonly service?: string
  readonly direction?: Direction
}

export interface LoadModel {
  readonly size: number
  /** Writes the load of every subject at the moment, bit/s, in their order. Allocates nothing. */
  fill(at: UnixMilliseconds, load: Float64Array): void
}

interface Habit {
  /** 24 multiples of the flow's base load, at 00:30, 01:30, … East Africa Time, on a working day. */
  readonly hours: readonly number[]
  readonly weekend: number
}

const OFFICE: Habit = {
  hours: [
    0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 1.2, 1.6, 1.6, 1.6, 1.4, 1.2, 1.4, 1.0, 0.6, 0.4, 0.25, 0.25, 0.25, 0.25,
    0.25, 0.2,
  ],
  weekend: 0.2,
}
const COURT: Habit = {
  hours: [
    0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 1.3, 1.8, 1.9, 1.7, 1.2, 1.0, 1.1, 0.8, 0.5, 0.3, 0.2, 0.2, 0.2, 0.2, 0.2,
    0.15,
  ],
  weekend: 0.15,
}
const HOSPITAL: Habit = {
  hours: [
    0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.7, 0.9, 1.2, 1.3, 1.3, 1.3, 1.3, 1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.8, 0.7, 0.7, 0.6,
    0.6,
  ],
  weekend: 0.75,
}
const UNIVERSITY: Habit = {
  hours: [
    1.0, 0.8, 0.6, 0.5, 0.4, 0.4, 0.5, 0.7, 1.0, 1.1, 1.2, 1.2, 1.2, 1.2, 1.2, 1.2, 1.1, 1.1, 1.2, 1.4, 1.6, 1.6, 1.6,
    1.4,
  ],
  weekend: 0.9,
}
const UTILITY: Habit = {
  hours: [
    0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.4, 0.6, 1.2, 1.5, 1.5, 1.5, 1.3, 1.2, 1.3, 1.0, 0.7, 0.5, 0.4, 0.4, 0.4, 0.4, 0.3,
    0.3,
  ],
  weekend: 0.4,
}
const ALWAYS: Habit = { hours: new Array<number>(24).fill(1), weekend: 1 }

const HABITS: Readonly<Record<string, Habit>> = {
  hospital: HOSPITAL,
  'higher-education': UNIVERSITY,
  court: COURT,
  'water-authority': UTILITY,
  // What an edge carries on its own account.
  unmapped: ALWAYS,
  control: ALWAYS,
}
const habitOf = (category: string): Habit => HABITS[category] ?? OFFICE

/** How much of its promise for a service an institution uses, beside what it uses of the others. */
const SERVICE_USE: Readonly<Record<string, number>> = { internet: 1, exchange: 0.8, govnet: 0.7, datacentre: 0.8 }
/** Offices and campuses receive far more than they send; systems in a data centre do not. */
const UPLOAD_USE: Readonly<Record<string, number>> = { internet: 0.5, exchange: 0.5, govnet: 0.8, datacentre: 1 }

/** Share of a flow's load by class: meetings, business systems with mail and files, the web, updates. */
const CLASS_SHARE: Readonly<Record<string, number>> = { realtime: 0.15, business: 0.4, standard: 0.4, bulk: 0.05 }

/**
 * Base load as a part of the guarantee. Offices come to 55 % of their guarantee between 8 and 16, a few go beyond it.
 */
const MEAN_INTENSITY = 0.4
const INTENSITY_SPREAD = 0.45
const MIN_INTENSITY = 0.12
const MAX_INTENSITY = 1.1
/** What stands in for the guarantee of a flow that has none, as a part of its ceiling. */
const UNPROMISED = 0.1

const EAST_AFRICA_TIME: Milliseconds = 3 * HOUR
/** 1 January 1970 was a Thursday; Sunday is 0. */
const EPOCH_WEEKDAY = 4

/** Smooth noise in three octaves: mornings differ, quarters of an hour differ, and no second is like the one before. */
const OCTAVES = [
  { period: 3 * HOUR, amplitude: 0.22 },
  { period: HOUR / 4, amplitude: 0.12 },
  { period: 10_000, amplitude: 0.03 },
] as const

/**
 * Load of one subject at one moment, bit/s.
 * Source of the hours and the class mix: assumptions, see the head of this file.
 */
export function offeredLoad(seed: number, subject: LoadSubject, at: UnixMilliseconds): BitsPerSecond {
  const chance = chanceOf(seed, subject)
  return baseOf(seed, subject) * hourFactor(habitOf(subject.category), at) * noise(chance, at)
}

/** Parts of a flow's load by class, in the order of the ids; they sum to 1. Unknown classes share alike. */
export function classShares(ids: readonly string[]): readonly number[] {
  const shares = ids.map((id) => CLASS_SHARE[id] ?? 1 / ids.length)
  const sum = shares.reduce((total, share) => total + share, 0)
  return shares.map((share) => share / sum)
}

/** The same for many subjects at once, with everything that does not depend on time worked out beforehand. */
export function createLoadModel(
  seed: number,
  subjects: readonly LoadSubject[],
  events: readonly LoadEvent[] = [],
): LoadModel {
  const habits = [...new Set(subjects.map((subject) => habitOf(subject.category)))]
  const hourNow = new Float64Array(habits.length)
  const habit = Uint8Array.from(subjects, (subject) => habits.indexOf(habitOf(subject.category)))
  const base = Float64Array.from(subjects, (subject) => baseOf(seed, subject))
  const chance = Uint32Array.from(subjects, (subject) => chanceOf(seed, subject))
  const factors = createLoadFactors(subjects, events)

  return {
    size: subjects.length,
    fill(at, load) {
      for (let h = 0; h < habits.length; h++) hourNow[h] = hourFactor(habits[h]!, at)
      for (let i = 0; i < base.length; i++) load[i] = base[i]! * hourNow[habit[i]!]! * noise(chance[i]!, at)
      factors(at, load)
    },
  }
}

/** Multiplies the loads of the subjects, in their order, by whatever is under way at the moment. */
export function createLoadFactors(
  subjects: readonly LoadSubject[],
  events: readonly LoadEvent[],
): (at: UnixMilliseconds, load: Float64Array) => void {
  const dated = events.map((event) => ({
    event,
    members: Uint32Array.from(subjects.keys()).filter((i) => selects(event, subjects[i]!)),
  }))
  return (at, load) => {
    for (const { event, members } of dated) {
      if (at < event.from || at >= event.until) continue
      for (let m = 0; m < members.length; m++) load[members[m]!] = load[members[m]!]! * event.factor
    }
  }
}

function selects(event: LoadEvent, subject: LoadSubject): boolean {
  return (
    (event.category === undefined || event.category === subject.category) &&
    (event.institution === undefined || event.institution === subject.institution) &&
    (event.service === undefined || event.service === subject.service) &&
    (event.direction === undefined || event.direction === subject.direction)
  )
}

/** Base load, bit/s. Intensity belongs to the institution: a busy house is busy on all services. */
function baseOf(seed: number, subject: LoadSubject): BitsPerSecond {
  const use = SERVICE_USE[subject.service] ?? 1
  const upload = subject.direction === 'up' ? (UPLOAD_USE[subject.service] ?? 0.5) : 1
  return promisedTo(subject) * intensityOf(seed, subject.institution) * use * upload * (subject.scale ?? 1)
}

/** What load is measured by: it is a multiple of this that depends on nothing of what is promised. */
export function promisedTo({ guarantee, ceiling }: Pick<LoadSubject, 'guarantee' | 'ceiling'>): BitsPerSecond {
  return guarantee > 0 ? guarantee : UNPROMISED * ceiling
}

/** Log-normal around the mean, by the sum of uniforms; the bounds keep single houses believable. */
function intensityOf(seed: number, institution: string): number {
  const house = hashText(seed, institution)
  let z = 0
  for (let k = 0; k < 6; k++) z += signed(mix(house + Math.imul(k, 0x9e3779b1)))
  // Six uniforms on [-1, 1] have variance 2.
  const spread = INTENSITY_SPREAD * (z / Math.SQRT2)
  const intensity = MEAN_INTENSITY * Math.exp(spread - INTENSITY_SPREAD ** 2 / 2)
  return Math.min(MAX_INTENSITY, Math.max(MIN_INTENSITY, intensity))
}

/** Hour of the day in East Africa Time between the middles of two hours, times the weekend's factor. */
function hourFactor(habit: Habit, at: UnixMilliseconds): number {
  const local = at + EAST_AFRICA_TIME
  const day = Math.floor(local / DAY)
  const place = (local - day * DAY) / HOUR - 0.5 + 24
  const before = Math.floor(place)
  const a = habit.hours[before % 24]!
  const b = habit.hours[(before + 1) % 24]!
  const weekday = (((day + EPOCH_WEEKDAY) % 7) + 7) % 7
  return (a + (b - a) * (place - before)) * (weekday === 0 || weekday === 6 ? habit.weekend : 1)
}

/** Value noise: random heights at knots, a smooth step between them. Around 1, never below 0.6. */
function noise(chance: number, at: UnixMilliseconds): number {
  let factor = 1
  for (let o = 0; o < OCTAVES.length; o++) {
    const { period, amplitude } = OCTAVES[o]!
    // Each flow has its own phase, or all would turn at the same moment.
    const place = at / period + chance / 2 ** 32
    const knot = Math.floor(place)
    const f = place - knot
    const a = signed(mix(chance + Math.imul(knot, 0x9e3779b1) + o))
    const b = signed(mix(chance + Math.imul(knot + 1, 0x9e3779b1) + o))
    factor += amplitude * (a + (b - a) * f * f * (3 - 2 * f))
  }
  return factor
}

const chanceOf = (seed: number, { institution, service, direction }: LoadSubject): number =>
  hashText(seed, `${institution}/${service}/${direction}`)

/** FNV-1a over UTF-16 units, started from the seed. */
function hashText(seed: number, text: string): number {
  let hash = mix(seed ^ 0x811c9dc5)
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit moves every output bit. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const signed = (hash: number): number => hash / 2 ** 31 - 1
