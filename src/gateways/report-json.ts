// A report as JSON, for gateways that speak no bytes: read here, in whatever thread, and handed on as the bytes that
// every other edge sends. So what is large is never read on the thread that answers all of them. Keys stay there: what
// an edge with keys says is put in the form of a signed message, and signed under nobody's.

import { LEASE_STATES, REFUSALS, type Refusal } from '../model/lease.js'
import { ENFORCEMENTS } from '../model/network.js'
import { NOTICES } from '../model/notice.js'
import { LAST_TIME } from '../model/units.js'
import { type Fault, messageOf } from '../runtime/errors.js'
import { jsonOrNull } from '../runtime/json.js'
import { MAX_BYPASSES_PER_EDGE, MAX_NOTICES_PER_EDGE } from '../runtime/limits.js'
import { shapeFaults } from '../runtime/shape-faults.js'
import * as z from '../runtime/zod.js'
import { isRefusal } from '../wire/bytes.js'
import { decodeReport, encodeReport } from '../wire/codec.js'
import { EdgeMacs } from '../wire/mac.js'
import { PROVING_VERSION, type SentReport, TELLING_VERSION } from '../wire/messages.js'

/** Faults that are told of one report. */
const MOST_FAULTS = 20

const whole = z.int().min(0)
const time = whole.max(LAST_TIME)
const hash = z.string().regex(/^[0-9a-f]{16}$/)
const text = z.string().max(255)
/** See EdgeReport. */
const reportSchema = z.strictObject({
  /** Which agent of those that may be this edge says it, and where; absent: any may, and nobody is told apart. */
  instance: hash.optional(),
  place: text.optional(),
  stamp: z.strictObject({ boot: hash, at: z.number().min(0) }),
  reads: whole,
  agent: text,
  driver: text,
  simulated: z.boolean(),
  applied: z.strictObject({ epoch: whole, seq: whole, crc: whole, profile: hash }).nullable(),
  state: z.enum(LEASE_STATES),
  enforcement: z.enum(ENFORCEMENTS),
  refusal: z.strictObject({ code: z.enum(REFUSALS), detail: text }).nullable(),
  /** Limits that the engineer at the box has lifted. */
  bypasses: z
    .array(z.strictObject({ institution: whole.nullable(), since: time, until: time, reason: text }))
    .min(1)
    .max(MAX_BYPASSES_PER_EDGE)
    .optional(),
  /** What the gateway has found around it. */
  notices: z
    .array(z.strictObject({ code: z.enum(NOTICES), subject: text, since: time, used: z.boolean() }))
    .min(1)
    .max(MAX_NOTICES_PER_EDGE)
    .optional(),
  /** bit/s in no class. */
  uncounted: z.strictObject({ down: whole, up: whole }).optional(),
  generation: whole,
  counters: z.array(
    z.strictObject({
      ...{ institution: whole, service: whole, direction: z.literal([0, 1]), class: whole },
      ...{ bytes: whole, packets: whole, drops: whole, backlog: whole },
    }),
  ),
})

export interface ReportTask {
  readonly edge: string
  readonly json: Uint8Array
  /** The edge has keys: its bytes are to be signed. */
  readonly isKeyed?: boolean
  /** What its controller asks it to repeat. */
  readonly echo?: string
}

/** The report's bytes, what is wrong with the JSON, or why it is no report of this edge. */
export type ReportRead =
  | { readonly bytes: Uint8Array }
  | { readonly faults: readonly Fault[] }
  | { readonly refusal: Refusal }

/** Without what was not said. */
const present = <T extends object>(said: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as never

const NOBODY = new EdgeMacs([{ generation: 1, key: '' }], 'edge')

export function readReport({ edge, json, isKeyed = false, echo }: ReportTask): ReportRead {
  const parsed = reportSchema.safeParse(jsonOrNull(Buffer.from(json).toString()))
  if (!parsed.success) return { faults: shapeFaults(parsed.error.issues).slice(0, MOST_FAULTS) }
  const { instance, place, notices, uncounted, bypasses, ...report } = parsed.data
  const about = present({ instance, place, notices, uncounted })
  const said: SentReport = { edge, ...report, ...present({ bypasses, echo }), ...about }
  try {
    const macs = isKeyed ? NOBODY : null
    const version = Object.keys(about).length > 0 ? TELLING_VERSION : 1
    const bytes = encodeReport(said, echo === undefined ? version : PROVING_VERSION, macs)
    const read = decodeReport(bytes, { edge, macs })
    return isRefusal(read) ? { refusal: read } : { bytes }
  } catch (error) {
    return { faults: [{ code: 'BOUNDS', pointer: '', message: messageOf(error) }] }
  }
}
