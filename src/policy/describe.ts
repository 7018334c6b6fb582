// What a policy may say, told from its schema and from nothing else: `mizani explain-policy`, the description of the
// API and the sentences on faults all read it here, so none of them can be out of date.

import { z } from 'zod'
import { policyShape } from './document.js'
import { EXAMPLE_POLICY } from './example.js'
import { isTree, type Tree, unknown } from './names.js'
import { patch } from './prepared.js'
import { EITHER, RATE } from './scalars.js'

export { EXAMPLE_POLICY, patch, policyShape }

/** One field, its own or one inside it: `hours.from`, `patches[].on`, `services.ID.down`. */
export interface Field {
  readonly name: string
  readonly type: string
  /** "required", "optional", or its default as it is written. */
  readonly rule: string
  readonly about: string
}

/** A field that takes one value or two has, as JSON Schema, both forms. To be handed to zod as `override`. */
export function bothForms({ jsonSchema: json }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (json.title !== EITHER || json.properties === undefined) return
  const { type, properties, required, additionalProperties, title, ...rest } = json
  for (const key of Object.keys(json)) delete json[key]
  const one = { ...(properties.down as object) }
  Reflect.deleteProperty(one, 'description')
  Object.assign(json, rest, { title, anyOf: [one, { type, properties, required, additionalProperties }] })
}

let made: Tree | undefined

/** The policy as JSON Schema, as it is written; the shapes of its members stand under `$defs`. */
export function policyJsonSchema(): Tree {
  made ??= z.toJSONSchema(policyShape, { io: 'input', unrepresentable: 'any', override: bothForms }) as Tree
  return made
}

/** What a reference stands for. */
function resolved(schema: unknown): Tree {
  if (!isTree(schema)) return {}
  const { $ref, ...own } = schema
  if (typeof $ref !== 'string') return schema
  const { $defs } = policyJsonSchema()
  return { ...resolved(isTree($defs) ? $defs[$ref.slice('#/$defs/'.length)] : undefined), ...own }
}

const propertiesOf = ({ properties }: Tree): Tree => (isTree(properties) ? properties : {})
/** What each member of a collection or list is; undefined: it is none. */
const memberOf = ({ additionalProperties, items }: Tree): Tree | undefined =>
  isTree(additionalProperties) ? additionalProperties : isTree(items) ? items : undefined

/** The schema at a place of a document; undefined where nothing may stand. Both of two forms are looked into. */
export function schemaAt(path: readonly (string | number)[], from: unknown = policyJsonSchema()): Tree | undefined {
  const schema = resolved(from)
  const [first, ...rest] = path
  if (first === undefined) return schema
  const { anyOf } = schema
  if (Array.isArray(anyOf)) {
    for (const form of anyOf) {
      const found = schemaAt(path, form)
      if (found !== undefined) return found
    }
    return undefined
  }
  const own = propertiesOf(schema)
  const next = Object.hasOwn(own, first) ? own[first] : memberOf(schema)
  return next === undefined ? undefined : schemaAt(rest, next)
}

/** "whole number, 1 to 4094", "list of id", "rate by id": what may be written. */
export function typeOf(given: unknown): string {
  const schema = resolved(given)
  const { title, type, anyOf, format } = schema
  if (title === RATE || title === 'id') return title
  if (title === 'name') return '{ en, sw }'
  if (Array.isArray(anyOf)) {
    const forms = anyOf.map(typeOf)
    return title === EITHER ? `${forms[0]}, or { down, up }` : forms.join(' or ')
  }
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.join(' | ')
  const member = memberOf(schema)
  if (type === 'array') return `list of ${typeOf(member)}`
  if (type === 'object') return member === undefined ? 'object' : `${typeOf(member)} by ${keysOf(schema)}`
  if (type === 'boolean') return 'true | false'
  if (type === 'string') return format === 'date' ? 'date' : 'text'
  if (type === 'integer' || type === 'number') return boundsOf(type === 'integer' ? 'whole number' : 'number', schema)
  return String(type)
}

function keysOf({ propertyNames }: Tree): string {
  const { enum: names, title } = isTree(propertyNames) ? propertyNames : {}
  return Array.isArray(names) ? names.join(' | ') : title === 'id' ? 'id' : 'name'
}

function boundsOf(what: string, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Tree): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const low =
    minimum === undefined ? (exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`) : `from ${minimum}`
  const high =
    most === undefined ? (exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`) : `up to ${most}`
  return [what, low, high].filter((word) => word !== '').join(' ')
}

/** Fields of an object, those inside them behind them; a shape that comes twice is told once. */
export function fieldsOf(given: unknown, before = '', told: Set<unknown> = new Set()): Field[] {
  const schema = resolved(given)
  const { required } = schema
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name)
  return Object.entries(propertiesOf(schema)).flatMap(([name, property]) => {
    const own = resolved(property)
    const rule = 'default' in own ? written(own.default) : isRequired(name) ? 'required' : 'optional'
    const field = { name: before + name, type: typeOf(property), rule, about: String(own.description ?? '') }
    return [field, ...fieldsInside(property, before + name, told)]
  })
}

function fieldsInside(property: unknown, name: string, told: Set<unknown>): Field[] {
  const schema = resolved(property)
  if (schema.title === 'name' || schema.title === EITHER) return []
  const member = memberOf(schema)
  if (member !== undefined) return fieldsInside(member, schema.type === 'array' ? `${name}[]` : `${name}.ID`, told)
  const key = isTree(property) ? property.$ref : undefined
  if (key !== undefined && told.has(key)) return []
  if (key !== undefined) told.add(key)
  return fieldsOf(schema, `${name}.`, told)
}

const written = (value: unknown): string =>
  `default ${Array.isArray(value) ? `[${value.join(', ')}]` : typeof value === 'string' ? value : JSON.stringify(value)}`

/** Parts of a document, and what can be said for a while beside it. */
export function partsOf(): ReadonlyMap<string, string> {
  const parts = Object.entries(propertiesOf(resolved(policyJsonSchema())))
  return new Map(parts.map(([name, schema]) => [name, String(resolved(schema).description ?? '')]))
}

/** What is wrong with a name of a field that is none, with what is near. */
export function unknownKey(path: readonly (string | number)[], key: string): string {
  return unknown('key', key, new Set(Object.keys(propertiesOf(schemaAt(path) ?? {}))))
}
