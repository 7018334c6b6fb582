// mizani explain-policy: what may stand in a policy, part by part, from its schema. It needs no controller.

import { Document, visit } from 'yaml'
import { usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { EXAMPLE_POLICY, type Field, fieldsOf, partsOf, policyJsonSchema, schemaAt, typeOf } from './describe.js'
import { TABLES, YAML_FILES } from './files.js'
import { isTree, unknown } from './names.js'
import type { Table } from './tables.js'

export interface ExplainPolicyOptions {
  /** `guards`, or a place in it: `guards.touches`. Absent: all parts by name. */
  readonly part?: string | undefined
  readonly json: boolean
}

/** @throws MizaniError USAGE for a part that there is not. */
export async function runExplainPolicy({ part, json }: ExplainPolicyOptions, { stdout }: Io): Promise<void> {
  const path = (part ?? '').split(/[./]/).filter((word) => word !== '')
  const schema = path.length === 0 ? policyJsonSchema() : placeOf(path)
  const lines = json ? [JSON.stringify(schema)] : path.length === 0 ? allParts() : onePart(path, schema)
  stdout.write(`${lines.join('\n')}\n`)
}

/** The schema of a part. Ids of members may be left out: `guards.touches` is what `/guards/ID/touches` holds. */
function placeOf(path: readonly string[]): unknown {
  let schema: unknown = policyJsonSchema()
  for (const [at, word] of path.entries()) {
    const names = new Set(fieldsOf(membersOf(schema)).map(({ name }) => name.split(/[.[]/, 1)[0]!))
    if (!names.has(word)) {
      const where = at === 0 ? 'part of a policy' : `field of ${path.slice(0, at).join('.')}`
      throw usageError(`${unknown(where, word, names)}.`, '`mizani explain-policy` lists the parts.')
    }
    schema = schemaAt([word], membersOf(schema))
  }
  return schema
}

/** What the members of a collection or list are; anything else is itself. */
function membersOf(schema: unknown): unknown {
  if (!isTree(schema)) return schema
  const { additionalProperties, items } = schema
  return isTree(additionalProperties) ? additionalProperties : isTree(items) ? items : schema
}

function fileOf(part: string): string {
  const [file] = Object.entries(YAML_FILES).find(([, parts]) => parts.includes(part)) ?? [`${part}.csv`]
  return file
}

function allParts(): string[] {
  const parts = [...partsOf()]
  const files = [...new Set(parts.map(([part]) => fileOf(part)))]
  const width = Math.max(...parts.map(([part]) => part.length))
  return [
    'The policy of a plane is one document; a folder holds it as these files.',
    ...files.flatMap((file) => [
      ...['', file],
      ...parts.filter(([part]) => fileOf(part) === file).map(([part, about]) => `  ${part.padEnd(width)}  ${about}`),
    ]),
    '',
    'One part with its fields and an example: mizani explain-policy guards',
    'One field, with all that may stand in it: mizani explain-policy modes.patches',
    'What `mizani override add` changes for a while: mizani explain-policy modes.patches',
    'Who may change it: mizani roles. Settings of a process: mizani explain-settings',
  ]
}

function onePart(path: readonly string[], schema: unknown): string[] {
  const [part = ''] = path
  const inside = membersOf(schema)
  const about = isTree(schema) ? String(schema.description ?? '') : ''
  const member = schemaAt([], inside)
  const more =
    member !== undefined && inside !== schema && member.description !== undefined ? [`${member.description}.`] : []
  const table = path.length === 1 ? Object.entries(TABLES).find(([, { collection }]) => collection === part) : undefined
  const fields = fieldsOf(inside)
  const example = path.length === 1 ? EXAMPLE_POLICY[part] : undefined
  return [
    `${path.join('.')} (${fileOf(part)}): ${typeOf(schema)}`,
    `${about}.`,
    ...more,
    ...fields.flatMap(fieldLines),
    ...(fields.some(({ type }) => type.startsWith('rate')) ? ['', RATES] : []),
    ...(table === undefined ? [] : ['', `Columns of ${table[0]}: ${columnsOf(table[1]).join(', ')}`]),
    ...(example === undefined ? [] : ['', 'Example:', ...yamlOf({ [part]: example })]),
  ]
}

const fieldLines = ({ name, type, rule, about }: Field): string[] => [
  '',
  `  ${name}: ${type} (${rule})`,
  `      ${about}`,
]

const columnsOf = ({ required, optional, families }: Table): string[] => [
  ...required,
  ...optional,
  ...families.map((family) => `${family}NAME`),
]

/** As somebody would write it: what is short stands on one line. */
function yamlOf(value: unknown): string[] {
  const document = new Document(value)
  visit(document, {
    Collection(_, node, path) {
      if (path.length > 4 && JSON.stringify(node).length <= SHORT) node.flow = true
    },
  })
  return document.toString({ lineWidth: 110 }).trimEnd().split('\n')
}

const SHORT = 90
const RATES = 'A rate is 512kbps, 20Mbps, 1.5Gbps or whole bit/s, and counts layer-2 bytes.'
