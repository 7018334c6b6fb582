// A scenario: a what-if as a file. It names a plane, changes to it, a demand and a story of dated events; with its seed
// it says everything a run depends on, so that the same file gives the same bytes on every machine and in every year.
//
// Times are instants with an offset and are kept in UTC. Events begin and end on the grid of steps, so that no step has
// to be cut in two. What is wrong with a file is reported at once and whole, each fault with its line.

import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { parseDuration } from '../model/duration.js'
import type { LoadEvent } from '../model/load.js'
import type { Conditions } from '../model/network.js'
import { HOUR, type Milliseconds, SLOT, type UnixMilliseconds } from '../model/units.js'
import { type Fault, invalid, MizaniError, messageOf } from '../runtime/errors.js'
import { MAX_ID_LENGTH, MAX_NAME_LENGTH, MAX_SIMULATION_STEPS, MAX_TEXT_LENGTH } from '../runtime/limits.js'
import { pointerTo, shapeFaults } from '../runtime/shape-faults.js'
import * as z from '../runtime/zod.js'
import { windowFault } from './recorded/window.js'

/** A scenario is written by a person; anything larger is the wrong file. */
const MAX_SCENARIO_BYTES = 1024 * 1024
/** The load model starts from 32 bits. */
export const MAX_SEED = 0xffffffff

/** Whatever stands there is looked at, so that a bare number hears which unit it may lack. */
const duration = z.unknown().transform((value, context): Milliseconds => {
  const length = typeof value === 'string' ? (parseDuration(value) ?? 0) : 0
  if (length > 0) return length
  const expected = 'expected a duration such as "5min", "12h" or "7d"'
  const unit = typeof value === 'number' && value > 0 ? `: a number needs its unit, such as "${value}d"` : ''
  context.addIssue(value === undefined ? `is missing: ${expected}` : `${expected}, found ${foundOf(value)}${unit}`)
  return z.NEVER
})

const foundOf = (value: unknown): string => JSON.stringify(value).slice(0, 80)

/** A part of something, as a number: people write percents, and a percent in YAML is a text. */
const part = (what: string) =>
  z.number({
    error({ input }) {
      const percent = typeof input === 'string' ? /^(-?\d+(?:\.\d+)?) *%$/.exec(input)?.[1] : undefined
      if (percent === undefined) return undefined
      return `expected ${what} as a number, found ${foundOf(input)}: write ${Number(percent) / 100}`
    },
  })

const instant = z.iso
  .datetime({ offset: true, error: 'expected an instant with its offset, such as 2024-05-12T00:00:00Z' })
  .transform((text): UnixMilliseconds => Date.parse(text))

const id = z
  .string()
  .max(MAX_ID_LENGTH)
  .regex(/^[a-z0-9][a-z0-9.-]*$/, 'expected an id of a-z, 0-9, dot and dash')
const text = z.strictObject({
  en: z.string().min(1).max(MAX_TEXT_LENGTH),
  sw: z.string().min(1).max(MAX_TEXT_LENGTH),
})
const multiplier = part('a factor').min(0).max(1_000)
const multipliers = z.record(z.string(), multiplier).default({})

const demandFactors = {
  /** Multiplies everybody's offered load. */
  scale: multiplier.default(1),
  byCategory: multipliers,
  byService: multipliers,
  byInstitution: multipliers,
}

const growthExpected = (found: unknown): string =>
  `expected the growth of a year and the years, such as { perYear: 0.3, years: 2 }, found ${foundOf(found)}`

const wholeDemand = {
  ...demandFactors,
  /** Compounded growth since the figures of the plane were made, or recorded: (1 + perYear) ^ years. */
  growth: z
    .strictObject(
      { perYear: part('the growth of a year').min(-0.9).max(10), years: z.number().min(0).max(50) },
      { error: ({ code, input }) => (code === 'invalid_type' ? growthExpected(input) : undefined) },
    )
    .optional(),
}

const eventSchema = z.strictObject({
  name: text,
  from: instant,
  /** Absent: it lasts to the end. */
  to: instant.optional(),
  /** Fraction of its capacity that a link, directed link or shared-risk group has left. 0 is a cut. */
  conditions: z.record(z.string(), part('the part that is left').min(0).max(1)).default({}),
  demand: z.strictObject(demandFactors).optional(),
})

/** `at` is a JSON pointer (RFC 6901). One of `to` and `remove`: contradictions() tells. */
const changeSchema = z.strictObject({
  at: z
    .string()
    .regex(/^(\/[^/]*)+$/)
    .describe('JSON pointer into the policy, such as /links/transit-a/capacity; /… /- is the end of a list'),
  to: z.json().optional().describe('What stands there instead, or anew'),
  remove: z.literal(true).optional().describe('What stands there is taken away'),
  why: z.string().describe('What a reader is told'),
})

const scenarioSchema = z.strictObject({
  format: z.literal(1),
  id: id.describe('Its name in files and commands'),
  name: text,
  story: text.describe('What happens, in a sentence or two'),
  source: z.string().max(MAX_TEXT_LENGTH).describe('Where the story comes from; what is an assumption'),
  plane: z.string().min(1).max(MAX_NAME_LENGTH).describe('Folder of the plane, relative to this file'),
  seed: z.int().min(0).max(MAX_SEED).describe('All chance of the run: another seed, another week'),
  from: instant.describe('Begin: an instant with its offset'),
  horizon: duration.describe('How long: whole hours, such as 7d'),
  step: duration.prefault('5min').describe('Length of a step; an hour is a whole number of them'),
  demand: z
    .discriminatedUnion('model', [
      z.strictObject({ model: z.literal('seeded'), ...wholeDemand }),
      z.strictObject({
        model: z.literal('recorded').describe('What the record says that every flow wanted in these times'),
        from: instant.describe('Begin of the recorded time, on the hour; repeated by weeks where it is too short'),
        to: instant.describe('Its end'),
        ...wholeDemand,
      }),
    ])
    .prefault({ model: 'seeded' })
    .describe('What is asked: the load model of the plane, or what was recorded; with factors'),
  changes: z
    .array(changeSchema)
    .default([])
    .describe(
      'Edits of the policy before it is played, in this order: links, institutions, tiers, whatever it has. ' +
        'They hold from the first step to the last: what begins on a day is an event',
    ),
  events: z.record(id, eventSchema).default({}).describe('What happens meanwhile, by id'),
})

/** The JSON Schema (draft 2020-12) of a scenario file, for editors. What its plane must have it cannot tell. */
export function scenarioJsonSchema(): object {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      // It is looked at by hand, so that a bare number hears which unit it lacks.
      if (zodSchema === duration.in) Object.assign(jsonSchema, { type: 'string', examples: ['5min', '12h', '7d'] })
    },
  })
  return { title: 'A scenario for `mizani simulate` and `mizani plan`', ...schema }
}

export type Scenario = z.output<typeof scenarioSchema>
export type DemandFactors = z.output<z.ZodObject<typeof demandFactors>>

export interface ScenarioFile {
  readonly file: string
  readonly scenario: Scenario
  /** Absolute folder of the plane. */
  readonly plane: string
  /** Line of the deepest part of a JSON pointer that the file spells out. */
  lineOf(pointer: string): number | undefined
}

/** What could be read of a scenario file, and everything that is wrong with it by itself. */
interface ReadScenario {
  /** Without what is wrong; null: nothing can be said of the rest. */
  readonly file: ScenarioFile | null
  readonly faults: readonly Fault[]
}

/** @throws MizaniError SCENARIO_FILE (it cannot be read) or SCENARIO_INVALID (it is no YAML) */
export function parseScenario(file: string): ReadScenario {
  const { tree, lineOf } = readYaml(file)
  const { sound, faults } = judged(tree)
  return {
    file: sound && { file, scenario: sound, plane: resolve(dirname(file), sound.plane), lineOf },
    faults: faults.map((fault) => locate(fault, file, lineOf)),
  }
}

function judged(tree: unknown): { readonly sound: Scenario | null; readonly faults: readonly Fault[] } {
  const parsed = scenarioSchema.safeParse(tree, { reportInput: true })
  const issues = parsed.success ? [] : parsed.error.issues
  const sound = parsed.success ? parsed.data : soundPart(tree, issues)
  // Times of events mean nothing where it is not known which times are played.
  const isTimed = !issues.some(({ path: [key] }) => key === 'from' || key === 'horizon' || key === 'step')
  return { sound, faults: [...shapeFaults(issues), ...(sound !== null && isTimed ? contradictions(sound) : [])] }
}

/** What is wrong with a scenario by itself that did not come as a file. */
export const scenarioFaults = (tree: unknown): readonly Fault[] => judged(tree).faults

/**
 * Reads a scenario file.
 * @throws MizaniError SCENARIO_FILE (it cannot be read) or SCENARIO_INVALID, with every fault and its line.
 */
export function loadScenario(name: string): ScenarioFile {
  const { file, faults } = parseScenario(name)
  if (file === null || faults.length > 0) throw invalid('SCENARIO_INVALID', `${name} is not a usable scenario`, faults)
  return file
}

/** Stands for what a file has to have and has not, while the rest of it is looked at. */
const STAND_INS = {
  ...{ format: 1, id: 'x', name: { en: 'x', sw: 'x' }, story: { en: 'x', sw: 'x' }, source: '', plane: '.', seed: 0 },
  ...{ from: '2000-01-01T00:00:00Z', horizon: '1h' },
}
/** Changes keep their places in the list; this one changes nothing. */
const NO_CHANGE = { at: '/schema', to: 1, why: '' }

/** The file without what is wrong, so that the rest can be held against the plane; null: that cannot be told. */
function soundPart(tree: unknown, issues: readonly z.core.$ZodIssue[]): Scenario | null {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return null
  const rest: Record<string, unknown> = structuredClone(tree) as Record<string, unknown>
  for (const issue of issues) {
    const wrong = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
    for (const path of wrong) takeAway(rest, path)
  }
  return scenarioSchema.safeParse({ ...STAND_INS, ...rest }).data ?? null
}

/** A fault within a change, an event's name or its times takes the whole of it. */
function takeAway(rest: Record<string, unknown>, path: readonly PropertyKey[]): void {
  const [top, second, third] = path
  if (top === 'changes' && typeof second === 'number' && Array.isArray(rest.changes)) {
    rest.changes[second] = NO_CHANGE
    return
  }
  const isPart = top !== 'events' || third === 'conditions' || third === 'demand'
  const keys = isPart ? path : path.slice(0, 2)
  let part: unknown = rest
  for (const key of keys.slice(0, -1)) part = (part as Record<PropertyKey, unknown> | undefined)?.[key]
  if (typeof part === 'object' && part !== null) delete (part as Record<PropertyKey, unknown>)[keys.at(-1)!]
}

/** A stretch of steps over which neither the network nor the demand factors change. */
export interface Phase {
  readonly firstStep: number
  /** Exclusive. */
  readonly endStep: number
  readonly conditions: Conditions
  /** Ids of the events under way, sorted. */
  readonly events: readonly string[]
}

export const stepsOf = ({ horizon, step }: Scenario): number => horizon / step

/** The horizon cut at every begin and end of an event. Where conditions overlap the smallest factor counts. */
export function phasesOf(scenario: Scenario): Phase[] {
  const steps = stepsOf(scenario)
  const stepAt = (at: UnixMilliseconds) => Math.min(steps, Math.max(0, (at - scenario.from) / scenario.step))
  const events = Object.entries(scenario.events)
    .map(([name, e]) => ({ name, first: stepAt(e.from), end: e.to === undefined ? steps : stepAt(e.to), event: e }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const cuts = [...new Set([0, steps, ...events.flatMap((e) => [e.first, e.end])])].sort((a, b) => a - b)
  return cuts.slice(0, -1).map((firstStep, n) => {
    const under = events.filter((e) => e.first <= firstStep && firstStep < e.end)
    const conditions: Record<string, number> = {}
    for (const { event } of under) {
      for (const [name, left] of Object.entries(event.conditions)) {
        conditions[name] = Math.min(conditions[name] ?? 1, left)
      }
    }
    return { firstStep, endStep: cuts[n + 1]!, conditions, events: under.map((e) => e.name) }
  })
}

/** The scenario's demand as events of the load model: its own factors for the whole horizon, then the dated ones. */
export function loadEventsOf(scenario: Scenario): LoadEvent[] {
  const { from, horizon, demand, events } = scenario
  const end = from + horizon
  const { perYear, years } = demand.growth ?? { perYear: 0, years: 0 }
  return [
    ...factorsOf({ ...demand, scale: demand.scale * (1 + perYear) ** years }, from, end),
    ...Object.values(events).flatMap((e) => (e.demand ? factorsOf(e.demand, e.from, e.to ?? end) : [])),
  ]
}

function factorsOf(demand: DemandFactors, from: UnixMilliseconds, until: UnixMilliseconds): LoadEvent[] {
  const by = (selector: 'category' | 'service' | 'institution', factors: Readonly<Record<string, number>>) =>
    Object.entries(factors).map(([name, factor]): LoadEvent => ({ from, until, factor, [selector]: name }))
  return [
    ...(demand.scale === 1 ? [] : [{ from, until, factor: demand.scale }]),
    ...by('category', demand.byCategory),
    ...by('service', demand.byService),
    ...by('institution', demand.byInstitution),
  ]
}

/** What no single field can see. */
function contradictions(scenario: Scenario): Omit<Fault, 'file' | 'line'>[] {
  const { from, horizon, step, events } = scenario
  const end = from + horizon
  const faults: Fault[] = []
  const fault = (pointer: string, message: string) => faults.push({ code: 'INVALID', pointer, message })
  if (horizon % step !== 0) fault('/horizon', 'is not a whole number of steps')
  if (HOUR % step !== 0) fault('/step', 'an hour is not a whole number of steps')
  if (horizon % HOUR !== 0) fault('/horizon', 'is not a whole number of hours')
  if (horizon / step > MAX_SIMULATION_STEPS) {
    fault('/horizon', `${horizon / step} steps; the most is ${MAX_SIMULATION_STEPS}`)
  }
  if (scenario.demand.model === 'recorded') {
    const wrong = windowFault(scenario.demand)
    if (wrong !== null) fault('/demand', wrong)
    if (step !== SLOT) fault('/step', 'the record has steps of 5min, and no others are played from it')
  }
  for (const [n, { to, remove }] of scenario.changes.entries())
    if ((to === undefined) === (remove === undefined)) fault(`/changes/${n}`, 'expected one of "to" and "remove"')
  for (const [name, event] of Object.entries(events)) {
    const pointer = `/events/${name}`
    const to = event.to ?? end
    if (event.to !== undefined && event.to <= event.from) fault(`${pointer}/to`, 'ends before it begins')
    else if (event.from >= end || to <= from) fault(pointer, 'lies outside the horizon and would never happen')
    if ((event.from - from) % step !== 0) fault(`${pointer}/from`, 'does not begin at a step')
    if ((to - from) % step !== 0) fault(`${pointer}/to`, 'does not end at a step')
    if (Object.keys(event.conditions).length === 0 && event.demand === undefined) {
      fault(pointer, 'changes nothing: give it conditions or a demand')
    }
  }
  return faults
}

export function locate(fault: Omit<Fault, 'file' | 'line'>, file: string, lineOf: ScenarioFile['lineOf']): Fault {
  const line = fault.pointer === undefined ? undefined : lineOf(fault.pointer)
  return line === undefined ? { ...fault, file } : { ...fault, file, line }
}

function readYaml(file: string): { tree: unknown; lineOf: ScenarioFile['lineOf'] } {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (!stat?.isFile() || stat.size > MAX_SCENARIO_BYTES) {
    const message = stat?.isFile()
      ? `${file} is too large for a scenario (${stat.size} bytes)`
      : `${file}: no such file`
    throw new MizaniError({ code: 'SCENARIO_FILE', message, exitCode: stat === undefined ? 2 : 1 })
  }
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines })
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => ({
      code: 'YAML',
      file,
      line: lines.linePos(error.pos[0]).line,
      message: messageOf(error).split(' at line ', 1)[0]!,
    }))
    throw invalid('SCENARIO_INVALID', `${file} is not YAML`, faults)
  }
  if (document.contents === null) throw new MizaniError({ code: 'SCENARIO_INVALID', message: `${file} is empty` })
  const places = new Map<string, number>()
  note(document.contents, [])
  return {
    tree: document.toJS(),
    lineOf(pointer) {
      for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
        const line = places.get(at)
        if (line !== undefined) return line
      }
      return undefined
    },
  }

  function note(node: unknown, keys: readonly string[]): void {
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue
        const inner = [...keys, String(key.value)]
        places.set(pointerTo(inner), lines.linePos(key.range?.[0] ?? 0).line)
        note(value, inner)
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, n) => {
        const inner = [...keys, String(n)]
        const range = isMap(item) || isScalar(item) || isSeq(item) ? item.range : undefined
        places.set(pointerTo(inner), lines.linePos(range?.[0] ?? 0).line)
        note(item, inner)
      })
    }
  }
}
