// mizani explain-policy: what may stand in a policy, part by part, from its schema. It needs no controller.

import { Document, visit } from 'yaml'
import { usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { isTree, type Tree as Schema } from '../../runtime/json.js'
import { type Field, memberOf } from '../../runtime/schema-outline.js'
import { EXAMPLE_POLICY, policyOutline } from '../document/describe.js'
import { unknown } from '../document/names.js'
import { validatePolicy } from '../document/validate.js'
import { TABLES, YAML_FILES } from './files.js'
import { institutionSheet, siteSheet, type Table } from './tables.js'

export interface ExplainPolicyOptions {
  /** `guards`, or a place in it: `guards.touches`. Absent: all parts by name. */
  readonly part?: string | undefined
  readonly json: boolean
}

/** @throws MizaniError USAGE for a part that there is not. */
export async function runExplainPolicy({ part, json }: ExplainPolicyOptions, { stdout }: Io): Promise<void> {
  const path = (part ?? '').split(/[./]/).filter((word) => word !== '')
  const schema = placeOf(path)
  const lines = json ? [JSON.stringify(schema)] : path.length === 0 ? allParts() : onePart(path, schema)
  stdout.write(`${lines.join('\n')}\n`)
}

/** The schema of a part. Ids of members may be left out: `guards.touches` is what `/guards/ID/touches` holds. */
function placeOf(path: readonly string[]): Schema {
  const outline = policyOutline()
  let schema = outline.root
  for (const [at, word] of path.entries()) {
    const names = new Set(Object.keys(propertiesOf(inside(schema))))
    const next = names.has(word) ? outline.at([word], inside(schema)) : undefined
    if (next === undefined) {
      const where = at === 0 ? 'part of a policy' : `field of ${path.slice(0, at).join('.')}`
      throw usageError(`${unknown(where, word, names)}.`, '`mizani explain-policy` lists the parts.')
    }
    schema = next
  }
  return schema
}

/** What the members of a collection or list are; anything else is itself. */
const inside = (schema: Schema): Schema => policyOutline().resolved(memberOf(schema) ?? schema)
const propertiesOf = ({ properties }: Schema): Schema => (isTree(properties) ? properties : {})
const aboutOf = ({ description }: Schema): string => (typeof description === 'string' ? `${description}.` : '')

function fileOf(part: string): string {
  const [file] = Object.entries(YAML_FILES).find(([, parts]) => parts.includes(part)) ?? [`${part}.csv`]
  return file
}

function allParts(): string[] {
  const outline = policyOutline()
  const parts = Object.entries(propertiesOf(outline.resolved(outline.root)))
  const files = [...new Set(parts.map(([part]) => fileOf(part)))]
  const width = Math.max(...parts.map(([part]) => part.length))
  const line = ([part, schema]: [string, unknown]): string =>
    `  ${part.padEnd(width)}  ${outline.resolved(schema).description}`
  return [
    'The policy of a plane is one document; a folder holds it as these files.',
    ...files.flatMap((file) => ['', file, ...parts.filter(([part]) => fileOf(part) === file).map(line)]),
    '',
    'One part, with its fields and an example: mizani explain-policy guards',
    'What `mizani override add` changes for a while: mizani explain-policy modes.patches',
    'Who may change it: mizani roles. Settings of a process: mizani explain-settings',
  ]
}

function onePart(path: readonly string[], schema: Schema): string[] {
  const [part = ''] = path
  const outline = policyOutline()
  const member = inside(schema)
  const fields = outline.fieldsOf(member)
  const whole = path.length === 1
  const table = whole ? Object.entries(TABLES).find(([, { collection }]) => collection === part) : undefined
  const example = whole ? EXAMPLE_POLICY[part] : undefined
  const about = [...new Set([aboutOf(schema), aboutOf(member)])].filter((sentence) => sentence !== '')
  return [
    `${path.join('.')} (${fileOf(part)}): ${outline.typeOf(schema)}`,
    ...about,
    ...fields.flatMap(fieldLines),
    ...(fields.some(({ type }) => type.startsWith('rate')) ? ['', RATES] : []),
    ...(table === undefined ? [] : ['', `Columns of ${table[0]}: ${columnsOf(table[1]).join(', ')}`]),
    ...(example === undefined ? [] : ['', 'Example:', ...(sheetOf(part) ?? yamlOf({ [part]: example }))]),
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

/** The example as rows, of a part that stands in a sheet. */
function sheetOf(part: string): string[] | undefined {
  const { document } = validatePolicy(EXAMPLE_POLICY)
  if (document === null || (part !== 'institutions' && part !== 'sites')) return undefined
  const text = part === 'sites' ? siteSheet(document) : institutionSheet(document)
  return text
    .replace(/^\ufeff/, '')
    .trimEnd()
    .split('\r\n')
}

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
