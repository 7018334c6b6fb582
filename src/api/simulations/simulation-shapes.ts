// Questions of planners and their answers, as the API takes and shows them.

import {
  hasEnded,
  SHIPPED_SCENARIOS,
  SIMULATION_KINDS,
  SIMULATION_STATES,
  type Simulation,
  type SimulationAsked,
} from '../../model/simulation.js'
import { toSeconds } from '../../model/units.js'
import { MAX_SIMULATION_DRAWS, MAX_SIMULATION_SHEET } from '../../runtime/limits.js'
import { writeSheet } from '../../runtime/sheet.js'
import * as z from '../../runtime/zod.js'
import { idText } from '../policy/change-shapes.js'
import { time } from '../shapes.js'
import { utc } from '../views.js'

const MOST_ROWS = 1_000
const cell = z.union([z.string().max(MAX_SIMULATION_SHEET), z.number()])
const record = z.record(z.string().min(1).max(100), cell)

/** Rows become the sheet that a person would have written. */
const sheet = z
  .union([z.string().min(1).max(MAX_SIMULATION_SHEET), z.array(record).min(1).max(MOST_ROWS)])
  .transform((value): string => {
    if (typeof value === 'string') return value
    const columns = [...new Set(value.flatMap((row) => Object.keys(row)))]
    return writeSheet(
      columns,
      value.map((row) => columns.map((name) => row[name])),
    )
  })

const growth = z
  .union([z.number().min(0).max(10), z.string().max(40)])
  .transform(String)
  .pipe(
    z
      .string()
      .regex(/^\d{1,4}(\.\d{1,9})? ?%?( ?(±|\+\/?-) ?\d{1,4}(\.\d{1,9})? ?%?)?$/, 'expected a growth of a year: 0.25'),
  )
const whole = (least: number, most: number) => z.int().min(least).max(most)
const names = z.string().min(1).max(1_000)
const seed = whole(0, 0xffffffff).optional()
const scenario = z
  .union([z.enum(SHIPPED_SCENARIOS), z.record(z.string(), z.unknown())])
  .describe('Name of one that ships, or what a scenario file says; its plane is the policy that is asked of')

const ofAll = {
  proposal: idText.optional().describe('A proposal, laid on the policy in force; absent: the policy in force'),
}
const ofStudies = {
  ...ofAll,
  scenario: scenario.optional(),
  day: z.iso.date().optional().describe('Whose demand is asked about; absent: the next working day'),
  seed,
}
const anyOne = names.optional().describe('Fails, one at a time: upstream, backbone, link, group, node, or names')
const years = whole(1, 30).optional()
const busiest = whole(1, 288).optional().describe('So many steps of the day, those in which most is asked for')

/** By kind what its command takes. */
export const askedShape = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('failures'), ...ofStudies, busiest, pairs: z.boolean().optional() }),
    z.strictObject({ kind: z.literal('runout'), ...ofStudies, growth, anyOne, years }),
    z.strictObject({
      ...{ kind: z.literal('buy'), ...ofStudies, growth: growth.optional(), anyOne, years, busiest },
      keep: names.describe('Categories, tiers or institutions, by comma; everyone'),
      offers: sheet.describe('CSV as `mizani plan buy --offers` reads it, or its rows; prices are yours'),
    }),
    z.strictObject({
      ...{ kind: z.literal('futures'), ...ofStudies, growth, year: whole(2_000, 2_200).optional() },
      outages: sheet.optional().describe('CSV: what, failures_per_year, hours_to_repair; or its rows'),
      offers: sheet.optional().describe('What is missing is worth the cheapest of these'),
      draws: whole(20, MAX_SIMULATION_DRAWS).optional(),
      minutes: z.number().gt(0).lt(100).optional().describe('In so many of all minutes, in percent, a rate is had'),
      moments: z.literal([24, 48, 96, 288]).optional(),
    }),
    z.strictObject({ kind: z.literal('simulate'), ...ofAll, scenario, seed }),
    z.strictObject({ kind: z.literal('compare'), a: idText, b: idText }),
  ])
  .meta({ id: 'SimulationAsked' })

const text = z.strictObject({ en: z.string(), sw: z.string() })

export const simulationShape = z
  .strictObject({
    id: z.string().describe('Of what was asked, of which revision, of which build: the same again is the same'),
    kind: z.enum(SIMULATION_KINDS),
    state: z.enum(SIMULATION_STATES),
    progress: z.number().describe('0 to 1'),
    left: z.int().nonnegative().nullable().describe('Seconds, as far as can be told; null: it cannot'),
    revision: z.int().nonnegative().describe('Of the policy that it is asked of'),
    proposal: z.string().nullable(),
    hash: z.string(),
    build: z.string(),
    author: z.string(),
    at: time,
    begun: time.nullable(),
    ended: time.nullable(),
    asked: z.record(z.string(), z.unknown()).describe('In a list without sheets and scenarios'),
    refusal: z
      .strictObject({
        code: z.string(),
        message: z.string(),
        words: z
          .strictObject({ en: z.string(), sw: z.string() })
          .nullable()
          .describe('The same in both languages; null: the command said it, in English alone'),
        faults: z.array(z.looseObject({ code: z.string(), message: z.string(), pointer: z.string().optional() })),
      })
      .nullable()
      .describe('Why there is no answer'),
  })
  .meta({ id: 'Simulation' })
export type SimulationView = z.infer<typeof simulationShape>

const findings = z.strictObject({
  title: text,
  zone: z.string(),
  from: z.int().nullable().describe('Begin of its day, or of its story: ms since 1970'),
  engine: z.string(),
  inputHash: z.string(),
  result: z.string().describe('As the command prints it'),
  command: z.string().describe('Makes it again'),
  facts: z.array(z.strictObject({ name: text, value: z.union([z.string(), text]) })),
  findings: z.array(text),
  limits: z.array(text),
  tables: z.array(z.strictObject({ id: z.string(), title: text, isSheet: z.boolean(), rows: z.int() })),
})

const cellText = text.extend({ id: z.string().optional().describe('Of a body, by its name; files have this one') })

const table = z.strictObject({
  id: z.string(),
  title: text,
  columns: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.string().describe('text, count, rate (bit/s), part (of 1), time and date (ms since 1970), money'),
      head: text,
    }),
  ),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null(), cellText]))),
})

export const answeredShape = simulationShape
  .extend({
    findings: findings.nullable().describe('Null: there is no answer yet'),
    tables: z.array(table),
  })
  .meta({ id: 'SimulationAnswer' })

const utcOr = (at: number | null): string | null => (at === null ? null : utc(at))

/** @param isWhole with sheets and scenarios */
export function simulationView(simulation: Simulation, isWhole: boolean): SimulationView {
  const { id, state, progress, left, revision, hash, build, author, at, begun, ended, asked, refusal } = simulation
  return {
    ...{ id, kind: asked.kind, state, revision, proposal: asked.proposal ?? null, hash, build, author },
    progress: Math.round(1_000 * progress) / 1_000,
    left: left === null || hasEnded(simulation) ? null : Math.ceil(toSeconds(left)),
    ...{ at: utc(at), begun: utcOr(begun), ended: utcOr(ended) },
    asked: isWhole ? plain(asked) : plain(inShort(asked)),
    refusal: refusal && { ...refusal, words: refusal.words ?? null, faults: [...refusal.faults] },
  }
}

/** What was asked is JSON: it came as that. */
const plain = (asked: object): SimulationView['asked'] => asked as SimulationView['asked']

function inShort({ offers: _, outages: __, scenario, ...asked }: SimulationAsked): SimulationAsked {
  if (scenario === undefined) return asked
  return { ...asked, scenario: typeof scenario === 'string' ? scenario : String(scenario.id) }
}
