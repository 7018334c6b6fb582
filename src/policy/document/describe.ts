// What a policy may say, told from its schema and from nothing else: `mizani explain-policy`, the description of the
// API and the sentences on faults all read it here, so none of them can be out of date.

import { isTree } from '../../runtime/json.js'
import { EITHER, Outline } from '../../runtime/schema-outline.js'
import * as z from '../../runtime/zod.js'
import { policyShape } from './document.js'
import { EXAMPLE_POLICY } from './example.js'
import { patch } from './prepared.js'

export { EXAMPLE_POLICY, patch, policyShape }

/** A JSON Schema of what is written, in which a field that takes one value for two directions has both of its forms. */
export function bothForms(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(bothForms)
  if (!isTree(schema)) return schema
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, bothForms(value)]))
  if (inner.title !== EITHER || !isTree(inner.properties) || !isTree(inner.properties.down)) return inner
  const { type, properties, required, additionalProperties, ...rest } = inner
  const { description: _, ...one } = inner.properties.down
  return { ...rest, anyOf: [one, { type, properties, required, additionalProperties }] }
}

let made: Outline | undefined

/** The policy as it is written; the shapes of its members have names of their own. */
export function policyOutline(): Outline {
  made ??= new Outline(bothForms(z.toJSONSchema(policyShape, { io: 'input', unrepresentable: 'any' })) as object)
  return made
}

const collections = (): ReadonlyMap<string, z.ZodType> =>
  new Map(
    Object.entries<z.ZodType>(policyShape.shape).flatMap(([name, part]): [string, z.ZodType][] => {
      const bare = part instanceof z.ZodDefault || part instanceof z.ZodOptional ? part.unwrap() : part
      // Only zod's own core is told what a record holds; these are all classic schemas.
      return bare instanceof z.ZodRecord ? [[name, bare.valueType as z.ZodType]] : []
    }),
  )

/** Names of collections, also of those that a policy need not have. */
export const COLLECTIONS: ReadonlySet<string> = new Set(collections().keys())

/** What a member of each collection is; several collections have members of one shape. */
export const memberShapes = (): z.ZodType[] => [...new Set(collections().values())]
