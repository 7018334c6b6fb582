// A policy document as people write it: where the schema has a rate stands "20Mbps" and not 20000000, and where it has
// one for each direction "300Mbps/150Mbps". The schema itself says where that is, so that no list of fields can be
// incomplete; what is written here reads back as the same document, to the hash.

import { writeRate, writeRatePair } from '../../model/units.js'
import { RATE } from '../../runtime/schema-outline.js'
import * as z from '../../runtime/zod.js'
import { policySchema } from '../document/document.js'
import { ratePairs } from '../document/scalars.js'

/** The document in the spelling of people. */
export const written = (document: unknown): unknown => spelled(policySchema, document)

/** What a schema is inside: default, optional, a check before or after. */
function innerOf({ def }: Schema): Schema | undefined {
  if (def.type === 'pipe') return def.in?._zod.def.type === 'transform' ? open(def.out) : open(def.in)
  return open(def.innerType)
}

/** The parts of zod's own description of a schema that are walked here. */
interface Def {
  readonly type: string
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly element?: z.core.$ZodType
  readonly valueType?: z.core.$ZodType
  readonly innerType?: z.core.$ZodType
  readonly in?: z.core.$ZodType
  readonly out?: z.core.$ZodType
  readonly options?: readonly z.core.$ZodType[]
}
interface Schema {
  readonly self: z.core.$ZodType
  readonly def: Def
}
// zod types each kind of schema apart; here they are told apart by what they have.
const open = (self: z.core.$ZodType | undefined): Schema | undefined =>
  self && { self, def: self._zod.def as unknown as Def }

function spelled(schema: z.core.$ZodType | undefined, value: unknown): unknown {
  const known = open(schema)
  if (known === undefined || value === null || value === undefined) return value
  const title = z.globalRegistry.get(known.self)?.title
  if (title === RATE) return typeof value === 'number' && value > 0 ? writeRate(value) : value
  if (ratePairs.get(known.self)?.isOfRates && isPair(value)) return writeRatePair(value)
  const { def } = known
  if (Array.isArray(value)) return def.element ? value.map((item) => spelled(def.element, item)) : inside(known, value)
  if (typeof value !== 'object') return inside(known, value)
  if (def.shape === undefined && def.valueType === undefined) return inside(known, value)
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, spelled(def.shape?.[key] ?? def.valueType, part)]),
  )
}

function inside(known: Schema, value: unknown): unknown {
  const chosen = known.def.options?.find((option) => z.safeParse(option, value).success)
  const inner = chosen ?? innerOf(known)?.self
  return inner === undefined ? value : spelled(inner, value)
}

const isPair = (value: unknown): value is { down: number; up: number } =>
  typeof value === 'object' &&
  value !== null &&
  'down' in value &&
  'up' in value &&
  typeof value.down === 'number' &&
  typeof value.up === 'number'
