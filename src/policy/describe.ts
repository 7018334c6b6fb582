// What a policy may say, told from its schema and from nothing else: `mizani explain-policy`, the description of the
// API and the sentences on faults all read it here, so none of them can be out of date.

import { z } from 'zod'
import { EITHER, Outline } from '../runtime/schema-outline.js'
import { policyShape } from './document.js'
import { EXAMPLE_POLICY } from './example.js'
import { patch } from './prepared.js'

export { EXAMPLE_POLICY, patch, policyShape }

/** A field that takes one value or two has, as JSON Schema, both forms. To be handed to zod as `override`. */
export function bothForms({ jsonSchema: json }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (json.title !== EITHER || json.properties === undefined) return
  const { type, properties, required, additionalProperties, title, ...rest } = json
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
