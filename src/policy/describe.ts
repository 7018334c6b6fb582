// What a policy may say, told from its schema and from nothing else: `mizani explain-policy`, the description of the
// API and the sentences on faults all read it here, so none of them can be out of date.

import { z } from 'zod'
import { EITHER, Outline, RATE } from '../runtime/schema-outline.js'
import { policyShape } from './document.js'
import { EXAMPLE_POLICY } from './example.js'
import { patch } from './prepared.js'

export { EXAMPLE_POLICY, patch, policyShape }

/** A field that takes one value or two has, as JSON Schema, both forms. To be handed to zod as `override`. */
export function bothForms({ jsonSchema: json }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (json.title !== EITHER || json.properties === undefined) return
  const { type, properties, required, additionalProperties, title, ...rest } = json
  // As it is answered a rate is a number, and both are there.
  const { title: what, type: kind } = properties.down as { title?: string; type?: unknown }
  if (what === RATE && kind === 'number') return
  for (const key of Object.keys(json)) delete json[key]
  const one = { ...(properties.down as object) }
  Reflect.deleteProperty(one, 'description')
  Object.assign(json, rest, { title, anyOf: [one, { type, properties, required, additionalProperties }] })
}

let made: Outline | undefined

/** The policy as it is written; the shapes of its members have names of their own. */
export function policyOutline(): Outline {
  made ??= new Outline(z.toJSONSchema(policyShape, { io: 'input', unrepresentable: 'any', override: bothForms }))
  return made
}

/** What a member of each collection is; several collections have members of one shape. */
export function memberShapes(): z.ZodType[] {
  const shapes = Object.values(policyShape.shape).flatMap((part: z.ZodType) => {
    const bare = part instanceof z.ZodDefault || part instanceof z.ZodOptional ? part.unwrap() : part
    // Only zod's own core is told what a record holds; these are all classic schemas.
    return bare instanceof z.ZodRecord ? [bare.valueType as z.ZodType] : []
  })
  return [...new Set(shapes)]
}
