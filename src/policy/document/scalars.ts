// The small words of the policy document, each said once: ids, names, rates, weights, fractions, labels. A rate is
// written "20Mbps" or as whole bit/s, and is bit/s once parsed.

import { parseRate, parseRatePair, rateFault } from '../../model/units.js'
import { MAX_ID_LENGTH, MAX_NAME_LENGTH, MAX_RATE, MAX_WEIGHT } from '../../runtime/limits.js'
import { EITHER, ID, NAME, RATE } from '../../runtime/schema-outline.js'
import * as z from '../../runtime/zod.js'

const ID_FORM = /^[a-z0-9][a-z0-9.-]*$/

export const id = z
  .string()
  .regex(ID_FORM, 'expected an id: lower case letters, digits, "." and "-", beginning with a letter or digit')
  .max(MAX_ID_LENGTH)
  .meta({ title: ID })

function inBothDirections<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (stated) => (typeof stated === 'object' && stated !== null ? stated : { down: stated, up: stated }),
    z.strictObject({ down: value.describe('Towards the institution'), up: value.describe('From the institution') }),
  )
}

const readRate = z
  .union([z.string(), z.number()], {
    error: ({ input }) => (input === undefined ? undefined : rateFault(input, MAX_RATE)),
  })
  .transform((value, context): number => {
    const bits = typeof value === 'string' ? parseRate(value) : value
    if (bits !== undefined && Number.isSafeInteger(bits) && bits >= 0 && bits <= MAX_RATE) return bits
    context.addIssue({ code: 'custom', message: rateFault(value, MAX_RATE) })
    return z.NEVER
  })

/** As it is kept: whole bit/s. */
export const rate = readRate.pipe(z.number()).meta({ title: RATE })

/** Schemas of pairs that are rates, and not weights: who writes a policy writes them as people do. */
export const ratePairs = z.registry<{ isOfRates: boolean }>()

/** One rate for both directions, "300Mbps/150Mbps" (down/up), or { down, up }. */
export const ratePair = z
  .preprocess((text) => (typeof text === 'string' ? (parseRatePair(text) ?? text) : text), inBothDirections(rate))
  .meta({ title: EITHER })
  .register(ratePairs, { isOfRates: true })

const name = z.string().trim().min(1, 'expected a name').max(MAX_NAME_LENGTH)
export const text = z
  .strictObject({ en: name.describe('In English'), sw: name.describe('In Swahili') })
  .meta({ title: NAME, description: 'Its name' })
export const weight = z.number().positive().max(MAX_WEIGHT)
/** One weight for both directions, or { down, up }. */
export const weightPair = inBothDirections(weight).meta({ title: EITHER })
/** Fraction of a capacity: never 0, for a link that carries nothing is cut, not built. */
export const fraction = z.number().gt(0).max(1)
const LABELS = 'Texts of your own by name: contract, customer, ticket. Not prices: whoever may look around reads them'
const labelled = z.record(id, z.string().max(MAX_NAME_LENGTH))
/** Contract, customer, ticket. Never a price: everyone who may look around reads it. */
export const labels = labelled.default({}).describe(LABELS)
/** The same for what seldom has any: a document that was written without them stays the same to the hash. */
export const someLabels = labelled.optional().describe(LABELS)

export const named = z
  .strictObject({ name: text, labels: someLabels })
  .meta({ id: 'PolicyNamed', description: 'Something that only has a name' })
