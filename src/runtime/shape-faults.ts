// What a person reads when a value has the wrong shape, in every file and every request: one set of sentences for all
// schemas, in place of zod's. A value that is not there "is missing"; any other says what was expected and what was
// found; an unknown key or word comes with the known one that is like it. Importing this file is what sets them.

import type { Fault } from './errors.js'
import { didYouMean } from './near-word.js'
import { shown } from './printable.js'
import * as z from './zod.js'

type Raw = z.core.$ZodRawIssue
type Issue = z.core.$ZodIssue

const NOUN: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  never: 'nothing',
  nonoptional: 'a value',
}
const FORMAT: Readonly<Record<string, string>> = {
  datetime: 'a time such as 2026-03-02T10:05:00Z',
  date: 'a date such as 2026-03-02',
  email: 'an e-mail address',
  url: 'a URL',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
}
/** What is counted where a size is wrong. */
const COUNTED: Readonly<Record<string, string>> = {
  string: 'characters',
  array: 'entries',
  set: 'entries',
  object: 'keys',
  record: 'keys',
  map: 'keys',
}

/** Hints for unknown keys, one a key; an issue keeps its list of keys, but not its schema. */
const hintsOf = new WeakMap<readonly string[], readonly string[]>()

z.config({ customError: sentence })

function sentence(raw: Raw): string | undefined {
  if (raw.code === 'unrecognized_keys') return unknownKeys(raw)
  if (raw.code === 'too_big' || raw.code === 'too_small') return `expected ${bound(raw)}, found ${measured(raw)}`
  if (raw.code === 'invalid_key') return raw.issues.map(({ message }) => message).join('; ')
  const expected = expectation(raw)
  if (expected === undefined) return undefined
  if (raw.input === undefined) return `is missing: expected ${expected}`
  // A URL may carry a password, and messages go to logs.
  if (raw.code === 'invalid_format' && raw.format === 'url') return `expected ${expected}`
  const word = 'discriminator' in raw && isObject(raw.input) ? raw.input[String(raw.discriminator)] : raw.input
  if (word === undefined) return `is missing: expected ${expected}`
  const hint = typeof word === 'string' ? didYouMean(word, wordsOf(raw).map(String)) : ''
  return `expected ${expected}, found ${shown(word)}${hint}`
}

/** What would be right; undefined: zod's own sentence is as good as any. */
function expectation(raw: Raw): string | undefined {
  switch (raw.code) {
    case 'invalid_type':
      return NOUN[raw.expected] ?? raw.expected
    case 'invalid_value':
      return oneOf(raw.values)
    case 'invalid_union':
      if (wordsOf(raw).length > 0) return oneOf(wordsOf(raw))
      return alternatives(raw.errors)
    case 'invalid_format':
      return FORMAT[raw.format] ?? (raw.pattern === undefined ? `a ${raw.format}` : `text like ${raw.pattern}`)
    case 'not_multiple_of':
      return `a multiple of ${raw.divisor}`
    default:
      return undefined
  }
}

function wordsOf(raw: Raw): readonly unknown[] {
  if (raw.code === 'invalid_value') return raw.values
  return raw.code === 'invalid_union' && 'options' in raw && Array.isArray(raw.options) ? raw.options : []
}

const oneOf = (values: readonly unknown[]): string =>
  values.length === 1 ? shown(values[0]) : `one of ${values.map((value) => String(value)).join(', ')}`

/** Of a union that nothing fits: what each way of reading it expected. */
function alternatives(errors: readonly (readonly Issue[])[]): string {
  const expected = errors.flatMap(([first]) => {
    const [, said] = first?.message.split('expected ', 2) ?? []
    return said?.split(', found ', 1)[0] ?? []
  })
  return [...new Set(expected)].join(' or ') || 'another value'
}

type Sized = Raw & { code: 'too_big' | 'too_small' }

function bound(raw: Sized): string {
  const limit = raw.code === 'too_big' ? raw.maximum : raw.minimum
  const word = raw.code === 'too_big' ? 'at most' : 'at least'
  const strictly = raw.code === 'too_big' ? 'less than' : 'more than'
  const counted = COUNTED[raw.origin]
  const how = raw.exact ? 'exactly' : raw.inclusive === false ? strictly : word
  return `${how} ${limit}${counted === undefined ? '' : ` ${counted}`}`
}

/** The size that was found where sizes are counted, and the value itself where it is a number. */
function measured({ origin, input }: Sized): string {
  if (COUNTED[origin] === undefined) return shown(input)
  if (typeof input === 'string' || Array.isArray(input)) return input.length === 0 ? 'none' : String(input.length)
  return isObject(input) ? String(Object.keys(input).length) : shown(input)
}

function unknownKeys(raw: Raw & { code: 'unrecognized_keys' }): string {
  const known = knownKeys(raw.inst)
  const hints = raw.keys.map((key) => didYouMean(key, known))
  hintsOf.set(raw.keys, hints)
  return raw.keys.map((key, n) => `unknown key ${shown(key)}${hints[n]}`).join('; ')
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** JSON pointer, RFC 6901. */
export const pointerTo = (path: Path): string =>
  path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

export type Path = readonly PropertyKey[]
/** Notes one fault at a place of a document. */
export type Report = (code: string, path: Path, message: string) => void

/** The faults of a value that a schema refused: one for each unknown key, at that key; of a union the likeliest way. */
export function shapeFaults(issues: readonly Issue[], above: Path = []): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...above, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      const hints = hintsOf.get(issue.keys)
      return issue.keys.map((key, n) => ({
        code: 'UNKNOWN_KEY',
        pointer: pointerTo([...path, key]),
        message: `unknown key${hints?.[n] ?? ''}`,
      }))
    }
    const within = issue.code === 'invalid_union' ? likeliest(issue.errors) : undefined
    if (within !== undefined) return shapeFaults(within, path)
    return [{ code: 'INVALID', pointer: pointerTo(path), message: issue.message }]
  })
}

/** The way of reading a union that got below its surface, or had a key too many; with the fewest faults of those. */
function likeliest(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const reached = errors.filter((branch) =>
    branch.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  return reached.sort((a, b) => a.length - b.length)[0]
}
