// What has to be known of the network for all years that were drawn: what it does while so many things are away, at each
// moment of the day, under each size of demand. Ten thousand years meet the same few thousand states again and again;
// each is asked about once, with the hours that all years spend in it.
//
// A day has few moments (one of each hour, unless said otherwise) and comes as a working day or a day off. Demand
// grows in levels of 2 %; what lies between two levels counts as a part of each.

import type { Conditions } from '../../model/network.js'
import { conditionsKey } from '../../policy/compile/topology.js'
import type { PolicyDocument } from '../../policy/document/document.js'
import type { DrawnYear, FiscalYear, Stretch } from './futures-years.js'
import type { Odds } from './odds.js'
import { growthAfter } from './scan.js'

const LEVEL = 1.02
/** Levels below that of the day of the study. */
const BELOW = 1_000
const MOST_LEVELS = 8_000

export const factorOf = (level: number): number => LEVEL ** (level - BELOW)

export interface State {
  readonly conditions: Conditions
  /** Hours of all years, by moment: level * moments + place in the working day, then in the day off. */
  readonly hours: Map<number, number>
}

/** Of a day: between which level and the next its demand is, and how far. */
export interface DayLevels {
  readonly level: Int32Array
  readonly above: Float64Array
}

/** Nothing is away. */
export const INTACT = 0

export class Agenda {
  readonly states: State[] = []
  readonly #moments: number
  readonly #year: FiscalYear
  readonly #odds: readonly Odds[]
  readonly #document: PolicyDocument
  readonly #byConditions = new Map<string, number>()
  readonly #byAway = new Map<string, number>()
  /** By moment: the hours that other states have taken from the intact network. */
  readonly #taken: Float64Array
  /** How many days of all years are of a level, working days (even) and days off. */
  readonly #days = new Map<number, number>()

  /** @param moments of one day */
  constructor(document: PolicyDocument, year: FiscalYear, odds: readonly Odds[], moments: number) {
    this.#document = document
    this.#year = year
    this.#odds = odds
    this.#moments = moments
    this.#taken = new Float64Array(2 * moments * MOST_LEVELS)
    this.stateOf([])
  }

  /** The state in which these are away. Names of one thing (a cable, and the one link on it) are one state. */
  stateOf(away: readonly number[]): number {
    const name = away.join(' ')
    const known = this.#byAway.get(name)
    if (known !== undefined) return known
    const conditions = Object.assign({}, ...away.map((place) => conditionsOf(this.#odds[place]!, this.#document)))
    const key = conditionsKey(conditions)
    const state = this.#byConditions.get(key) ?? this.states.push({ conditions, hours: new Map() }) - 1
    this.#byConditions.set(key, state)
    this.#byAway.set(name, state)
    return state
  }

  levelsOf({ growth }: DrawnYear): DayLevels {
    const { days, since } = this.#year
    const level = new Int32Array(days)
    const above = new Float64Array(days)
    for (let day = 0; day < days; day++) {
      const factor = growthAfter(growth, since + day)
      const exact = Math.min(MOST_LEVELS - 2, Math.max(0, BELOW + Math.log(factor) / Math.log(LEVEL)))
      // What is a level but for rounding is that level.
      level[day] = Math.floor(exact + 1e-9)
      above[day] = Math.max(0, (factor / factorOf(level[day]!) - 1) / (LEVEL - 1))
      if (above[day]! < 1e-9) above[day] = 0
    }
    return { level, above }
  }

  /** Which moment of which level a place in a day is. */
  momentOf(day: number, place: number, level: number): number {
    return (2 * level + (this.#year.isOff[day] ? 1 : 0)) * this.#moments + place
  }

  /** Calls back for each moment that a stretch touches, with the hours of it. */
  eachMoment({ from, to }: Stretch, visit: (day: number, place: number, hours: number) => void): void {
    const length = 24 / this.#moments
    for (let n = Math.floor(from / length); n * length < to; n++) {
      const hours = Math.min(to, (n + 1) * length) - Math.max(from, n * length)
      const day = Math.floor(n / this.#moments)
      if (hours > 0 && day < this.#year.days) visit(day, n % this.#moments, hours)
    }
  }

  /** Notes what has to be known for one year. */
  add(drawn: DrawnYear): void {
    const { level, above } = this.levelsOf(drawn)
    const { isOff } = this.#year
    for (let day = 0; day < level.length; day++) {
      const kind = 2 * level[day]! + (isOff[day] ? 1 : 0)
      note(this.#days, kind, 1 - above[day]!)
      if (above[day]! > 0) note(this.#days, kind + 2, above[day]!)
    }
    for (const stretch of drawn.stretches) {
      const { hours: inState } = this.states[this.stateOf(stretch.away)]!
      this.eachMoment(stretch, (day, place, hours) => {
        const moment = this.momentOf(day, place, level[day]!)
        this.#taken[moment]! += hours * (1 - above[day]!)
        note(inState, moment, hours * (1 - above[day]!))
        if (above[day]! === 0) return
        this.#taken[moment + 2 * this.#moments]! += hours * above[day]!
        note(inState, moment + 2 * this.#moments, hours * above[day]!)
      })
    }
  }

  /** Gives the intact network the whole days of all years, less what other states have taken: once, at the end. */
  close(): void {
    const intact = this.states[INTACT]!.hours
    for (const [kind, days] of this.#days)
      for (let moment = kind * this.#moments; moment < (kind + 1) * this.#moments; moment++)
        intact.set(moment, Math.max(0, (24 / this.#moments) * days - this.#taken[moment]!))
  }

  /** Levels of demand that are met, lowest first. */
  get levels(): number[] {
    return [...new Set([...this.#days.keys()].map((kind) => kind >> 1))].sort((a, b) => a - b)
  }
}

function note(into: Map<number, number>, key: number, hours: number): void {
  into.set(key, (into.get(key) ?? 0) + hours)
}

/** Links and ports alone. */
function conditionsOf({ cut }: Odds, { links }: PolicyDocument): Conditions {
  if (cut.kind !== 'group') return cut.conditions
  const riding = Object.entries(links).filter(([, { groups }]) => groups.includes(cut.id))
  return Object.fromEntries(riding.map(([id]) => [id, 0]))
}
