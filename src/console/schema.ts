// The JSON Schema of what may be written, as the API has it: read once a visit. Forms are made of it, so that a new
// field of the policy has its place in a form without anybody writing one.

import type { Call } from './call.js'

export type Json = null | boolean | number | string | readonly Json[] | JsonTree
export interface JsonTree {
  readonly [name: string]: Json | undefined
}

/** As much of JSON Schema as the API writes. */
export interface Schema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly title?: string
  readonly description?: string
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly const?: Json
  readonly enum?: readonly Json[]
  readonly default?: Json
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
}

export class PolicySchema {
  readonly #root: Schema

  /** @param root with the shapes that it refers to */
  constructor(root: Schema) {
    this.#root = root
  }

  /** What a reference stands for, with what is said beside it. */
  resolved(schema: Schema): Schema {
    const { $ref, ...own } = schema
    const named = $ref === undefined ? undefined : this.#root.$defs?.[$ref.slice($ref.lastIndexOf('/') + 1)]
    return named === undefined ? schema : { ...this.resolved(named), ...own }
  }

  /** Of a whole policy, a top part of it (`plane`), or a member of a collection. */
  of(collection: string, isMember: boolean): Schema | undefined {
    const whole = this.resolved(this.#root)
    if (collection === 'whole') return whole
    const { properties = {} } = whole
    const top = Object.hasOwn(properties, collection) ? properties[collection] : undefined
    if (top === undefined) return undefined
    return isMember ? memberOf(this.resolved(top)) : this.resolved(top)
  }
}

export function memberOf({ additionalProperties }: Schema): Schema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

let read: Promise<PolicySchema> | null = null

/** @throws Refused; the next one who asks tries again. */
export function readSchema(call: Call): Promise<PolicySchema> {
  // A JSON Schema has no narrower type here.
  read ??= call('get', '/v1/policy/schema', {}).then((root) => new PolicySchema(root as Schema))
  read.catch(() => {
    read = null
  })
  return read
}

export const isTree = (value: unknown): value is JsonTree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stands there when nobody has written anything yet. */
export function emptyOf(schemas: PolicySchema, given: Schema): Json {
  const schema = schemas.resolved(given)
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0] ?? null
  if (schema.title === 'rate') return 0
  if (schema.title === 'either') return { down: 0, up: 0 }
  const form = schema.anyOf?.[0]
  if (form !== undefined) return emptyOf(schemas, form)
  if (schema.prefixItems !== undefined) return schema.prefixItems.map(() => 0)
  switch (schema.type) {
    case 'object': {
      const { properties = {}, required = [] } = schema
      return Object.fromEntries(required.map((name) => [name, emptyOf(schemas, properties[name] ?? {})]))
    }
    case 'array':
      return []
    case 'boolean':
      return false
    case 'integer':
    case 'number':
      return schema.minimum ?? 1
    default:
      return ''
  }
}
