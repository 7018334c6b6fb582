// A JSON Schema as an outline for people: the fields of a shape, what may be written in each, its default, what it
// means. The schema is made from the one that judges what people write, so the outline cannot be out of date.

import { isTree, type Tree } from './json.js'

/** Titles of schemas that say more than a type of JSON does: how the outline calls them. */
export const RATE = 'rate'
export const ID = 'id'
/** In both languages. */
export const NAME = 'name'
/** One value for both directions, or { down, up }. */
export const EITHER = 'either'

type Path = readonly (string | number)[]

/** One field, its own or one inside it: `hours.from`, `patches[].on`, `services.ID.down`. */
export interface Field {
  readonly name: string
  readonly type: string
  /** "required", "optional", or its default as it is written. */
  readonly rule: string
  readonly about: string
}

export class Outline {
  readonly root: Tree

  /** @param root with the shapes that it refers to under `$defs` */
  constructor(root: object) {
    this.root = root as Tree
  }

  /** What a reference stands for; anything else is itself. */
  resolved(schema: unknown): Tree {
    if (!isTree(schema)) return {}
    const { $ref, ...own } = schema
    if (typeof $ref !== 'string') return schema
    const { $defs } = this.root
    return { ...this.resolved(isTree($defs) ? $defs[$ref.slice('#/$defs/'.length)] : undefined), ...own }
  }

  /** The schema at a place of a document; undefined where nothing may stand. Both of two forms are looked into. */
  at(path: Path, from: unknown = this.root): Tree | undefined {
    const schema = this.resolved(from)
    const [first, ...rest] = path
    if (first === undefined) return schema
    for (const form of formsOf(schema)) {
      const found = this.at(path, form)
      if (found !== undefined) return found
    }
    const own = propertiesOf(schema)
    const next = Object.hasOwn(own, first) ? own[first] : memberOf(schema)
    return next === undefined ? undefined : this.at(rest, next)
  }

  /** "whole number from 1 up to 4094", "list of id", "rate by id": what may be written. */
  typeOf(given: unknown): string {
    const schema = this.resolved(given)
    const { title, type, format } = schema
    if (title !== RATE && Array.isArray(type)) return type.map((one) => this.typeOf({ type: one })).join(' or ')
    if (title === RATE || title === ID) return title
    if (title === NAME) return '{ en, sw }'
    const forms = formsOf(schema).map((form) => this.typeOf(form))
    if (title === EITHER) return `${forms[0]}, or { down, up }`
    if (forms.length > 0) return forms.join(' or ')
    if ('const' in schema) return JSON.stringify(schema.const)
    if (Array.isArray(schema.enum)) return schema.enum.join(' | ')
    const member = memberOf(schema)
    if (type === 'array') return `list of ${this.typeOf(member)}`
    if (type === 'object') return member === undefined ? 'object' : `${this.typeOf(member)} by ${keysOf(schema)}`
    if (type === 'boolean') return 'true | false'
    if (type === 'string') return format === 'date' ? 'date' : 'text'
    if (type === 'integer' || type === 'number') return boundsOf(type === 'integer' ? 'whole number' : 'number', schema)
    return String(type)
  }

  /** Fields of an object, those inside them behind them; a shape that comes twice is told once. */
  fieldsOf(given: unknown, before = '', told: Set<unknown> = new Set()): Field[] {
    const schema = this.resolved(given)
    const { required } = schema
    return Object.entries(propertiesOf(schema)).flatMap(([name, property]) => {
      const own = this.resolved(property)
      const isRequired = Array.isArray(required) && required.includes(name)
      const rule = 'default' in own ? `default ${written(own.default)}` : isRequired ? 'required' : 'optional'
      const about = typeof own.description === 'string' ? own.description : ''
      const field = { name: before + name, type: this.typeOf(property), rule, about }
      return [field, ...this.#inside(property, before + name, told)]
    })
  }

  #inside(property: unknown, name: string, told: Set<unknown>): Field[] {
    const schema = this.resolved(property)
    if (schema.title === NAME || schema.title === EITHER) return []
    const forms = formsOf(schema)
    if (forms.length > 0) return forms.flatMap((form) => this.#inside(form, name, told))
    const member = memberOf(schema)
    if (member !== undefined) return this.#inside(member, schema.type === 'array' ? `${name}[]` : `${name}.ID`, told)
    const key = isTree(property) ? property.$ref : undefined
    if (key !== undefined && told.has(key)) return []
    if (key !== undefined) told.add(key)
    return this.fieldsOf(schema, `${name}.`, told)
  }
}

/** What each member of a collection or list is; undefined: it is none. */
export function memberOf({ additionalProperties, items }: Tree): Tree | undefined {
  return isTree(additionalProperties) ? additionalProperties : isTree(items) ? items : undefined
}

const propertiesOf = ({ properties }: Tree): Tree => (isTree(properties) ? properties : {})
const formsOf = ({ anyOf }: Tree): readonly unknown[] => (Array.isArray(anyOf) ? anyOf : [])

function keysOf({ propertyNames }: Tree): string {
  const { enum: names, title } = isTree(propertyNames) ? propertyNames : {}
  return Array.isArray(names) ? names.join(' | ') : title === ID ? 'id' : 'name'
}

function boundsOf(what: string, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Tree): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
  const low =
    minimum !== undefined ? ` from ${minimum}` : exclusiveMinimum !== undefined ? ` above ${exclusiveMinimum}` : ''
  const high =
    most !== undefined ? ` up to ${most}` : exclusiveMaximum !== undefined ? ` below ${exclusiveMaximum}` : ''
  return what + low + high
}

/** A value as somebody would write it in a file. */
function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(', ')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}
