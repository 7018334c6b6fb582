// `mizani policy import` and `export`: sheets between a spreadsheet and the policy in force. A sheet that is refused is
// written beside the one that came, with a column `error`: correct it there and import it again.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { parse } from 'node:path'
import type { ImportKind } from '../policy/import/columns.js'
import { keyOf } from '../policy/import/names.js'
import { testFailureText } from '../policy/revisions/test-text.js'
import type { Settings } from '../runtime/config.js'
import { MizaniError, usageError } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { MAX_BODY_BYTES } from '../runtime/limits.js'
import { decodeText } from '../runtime/sheet.js'
import { unreadable } from '../runtime/unreadable.js'
import * as z from '../runtime/zod.js'
import { createApiClient, forPeople } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'
import { impactLines, institutions } from './preview-words.js'
import { stateLines } from './proposals.js'

type Client = Pick<Settings, 'client' | 'data'>
type Pairs = Readonly<Record<string, string>>

export interface ImportOptions {
  readonly what: ImportKind
  readonly file: string
  readonly dryRun: boolean
  readonly column?: Pairs
  readonly same?: Pairs
  readonly default?: Pairs
  readonly prune: boolean
  readonly propose: boolean
  readonly reason?: string
  readonly confirmWithin?: number
  readonly json: boolean
  readonly settings: Client
}

const ROWS_SHOWN = 20
/** Institutions, for each demand. */
const LOSERS_SHOWN = 5

type Answer = ApiAnswered<'post', '/v1/policy/import/institutions'>
type Outcome = Extract<Answer, { readonly revision: number }>

/** @throws MizaniError as the API says it, each fault with its line of the file. */
export async function runPolicyImport(options: ImportOptions, io: Io): Promise<void> {
  const { what, file, dryRun, prune, propose, confirmWithin, settings } = options
  const csv = textOf(file)
  const body = { csv, columns: options.column, same: options.same, defaults: options.default }
  const reason = options.reason ?? `mizani policy import ${what} ${file}`
  const query = { dryRun: flag(dryRun), prune: flag(prune), propose: flag(propose), reason, confirmWithin }
  const answer = await createApiClient(settings)
    .ask('post', `/v1/policy/import/${what}`, { query, body })
    .catch((error: unknown) => {
      throw error instanceof MizaniError ? inFile(error, file) : error
    })
  if (options.json) {
    io.stdout.write(`${JSON.stringify(answer.body)}\n`)
    return
  }
  const lines = [...importLines(forPeople(answer.body, answer.headers), dryRun)]
  io.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** Writes a sheet, or prints it. */
export async function runPolicyExport(
  { what, out, settings }: { what: ImportKind; out?: string; settings: Client },
  { stdout, stderr }: Io,
): Promise<void> {
  const asked = { headers: { accept: 'text/csv' } }
  const { body: sheet, headers } = await createApiClient(settings).ask('get', `/v1/policy/export/${what}`, asked)
  if (out === undefined) {
    stdout.write(sheet)
    return
  }
  writeFileSync(out, sheet)
  stderr.write(`The ${what} of revision ${headers.get('mizani-revision')} are in ${out}\n`)
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file)
    if (size > MAX_BODY_BYTES / 2)
      throw usageError(`${file} has ${size} bytes; expected ${MAX_BODY_BYTES / 2} at most.`)
    return decodeText(readFileSync(file))
  } catch (error) {
    if (error instanceof MizaniError) throw error
    throw usageError(`${unreadable(file, error)}.`)
  }
}

function* importLines(answer: Answer, dryRun: boolean): Generator<string> {
  const { counts, rows, missing, pruned, columns, warnings } = answer.import
  const closed = counts.closed === 0 ? '' : `, ${counts.closed} closed`
  yield `${rows.length} rows: ${counts.new} new, ${counts.changed} changed, ${counts.same} the same${closed}`
  if (missing.length > 0) {
    const few = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', …' : '')
    yield `${missing.length} not in the sheet ${pruned ? 'and taken away' : 'stay as they are'}: ${few}`
  }
  for (const { header, means } of columns) {
    if (header !== '' && keyOf(means ?? '') !== keyOf(header)) yield `column "${header}": ${means ?? 'not read'}`
  }
  const moved = rows.filter(({ verdict }) => verdict !== 'same')
  for (const { line, id, verdict, changes } of moved.slice(0, ROWS_SHOWN)) {
    yield `line ${line}: ${verdict} ${id}`
    if (verdict !== 'changed') continue
    for (const { pointer, before, after } of changes) yield `    ${pointer}: ${said(before)} -> ${said(after)}`
  }
  if (moved.length > ROWS_SHOWN) yield `… and ${moved.length - ROWS_SHOWN} more; --json has all`
  for (const { line, detail } of warnings.slice(0, ROWS_SHOWN)) yield `warning: line ${line}: ${detail}`
  if (warnings.length > ROWS_SHOWN)
    yield `warning: … and ${warnings.length - ROWS_SHOWN} more such rows; --json has all`
  if ('revision' in answer) yield* endLines(answer, dryRun)
  else {
    yield* stateLines(answer.proposal)
  }
}

function* endLines(outcome: Outcome, dryRun: boolean): Generator<string> {
  const { revision, base, confirmBy, guards, tests, impact, warnings } = outcome
  for (const warning of warnings) yield `warning: ${warning}`
  const losers = Math.max(0, ...Object.values(impact ?? {}).map((demand) => demand?.totals.losers ?? 0))
  const loses = losers === 0 ? 'nobody loses by it' : `${institutions(losers)} lose by it under one of the four demands`
  if (losers > 0) yield* impactLines(outcome, LOSERS_SHOWN)
  if (revision === base) yield `Nothing to do: revision ${base} says the same.`
  else if (dryRun) {
    yield `Nothing was changed, this was a dry run: ${loses}.`
    for (const failure of tests?.failed ?? [])
      yield `It would be refused: the test ${failure.test} fails: ${testFailureText(failure)}.`
    if (guards.length > 0) yield `It needs a second person (${guards.join(', ')}): import it with --propose.`
  } else {
    yield `Revision ${revision} is in force, made on revision ${base}; ${loses}.`
    if (confirmBy !== null)
      yield `It is undone at ${confirmBy} unless you confirm it: mizani policy confirm ${revision}`
  }
}

const flag = (on: boolean) => (on ? ('true' as const) : undefined)
const said = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

/** The refusal with lines of the file, and the sheet that says why written beside it. */
function inFile(error: MizaniError, file: string): MizaniError {
  const faults = error.faults.map(({ pointer = '', code, message }) => {
    const [, line, column] = /^\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? []
    const what = column === undefined ? message : `${column}: ${message}`
    return line === undefined ? { code, message, pointer } : { code, message: what, file, line: Number(line) }
  })
  const { sheet } = z.object({ sheet: z.string().optional() }).catch({}).parse(error.cause)
  const told = { code: error.code, message: error.message, faults }
  if (sheet === undefined) return new MizaniError(error.advice === undefined ? told : { ...told, advice: error.advice })
  const { dir, name } = parse(file)
  const beside = `${dir === '' ? '' : `${dir}/`}${name.replace(/\.refused$/, '')}.refused.csv`
  writeFileSync(beside, sheet)
  return new MizaniError({
    ...told,
    advice:
      `The sheet with a column "error" is in ${beside}: correct it there and import it again.\n` +
      'Answers can also be given here: --same "NAME=ID", --column "HEADER=COLUMN", --default "COLUMN=VALUE".',
  })
}
