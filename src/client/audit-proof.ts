// `mizani audit verify` and `export`: ask the controller whether its trail holds, take the trail away as a file, and
// prove such a file, or what the controller shows, without believing the controller anything: by its signatures, and by
// the ends that were told to the outside meanwhile.

import { createReadStream, readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { type Anchor, anchorsIn } from '../audit/anchors.js'
import { type Link, type Row, START, textOf } from '../audit/chain.js'
import { NO_TRUST, Proof, type Verdict } from '../audit/prove.js'
import { type Entry, OUTCOMES, TRAIL_FAULTS } from '../model/happening.js'
import type { Settings } from '../runtime/config.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { unreadable } from '../runtime/unreadable.js'
import * as z from '../runtime/zod.js'
import { createApiClient } from './api-client.js'

const link = z.object({ n: z.number(), hash: z.string() })
const verdictShape = z.object({
  ok: z.boolean(),
  entries: z.number(),
  base: link,
  head: link,
  fault: z.object({ n: z.number(), code: z.enum(TRAIL_FAULTS), detail: z.string() }).nullable(),
  // Releases before did not sign.
  keys: z.array(z.string()).default([]),
  signed: z.number().default(0),
  anchors: z.number().default(0),
  redacted: z.number().default(0),
  plane: z.string().nullable().default(null),
  trim: z.unknown().optional(),
})
const entryShape = z.object({
  ...{ n: z.number(), at: z.number(), actor: z.string(), via: z.string(), address: z.string(), action: z.string() },
  ...{ subject: z.string(), reason: z.string().nullable(), reference: z.string().nullable(), requestId: z.string() },
  ...{ outcome: z.enum(OUTCOMES), code: z.string().nullable(), before: z.unknown(), after: z.unknown() },
  ...{ times: z.number(), hash: z.string(), signature: z.string().nullable().default(null) },
})
const pageShape = z.object({
  items: z.array(entryShape),
  nextPageToken: z.string().nullable(),
  receipt: z.string().nullable().default(null),
})
const trimShape = z.object({ through: link, by: z.string(), reason: z.string(), until: z.string() })
const startShape = z.object({ base: link, plane: z.string().nullable().default(null) })
const rowShape = z.object({
  n: z.number(),
  hash: z.string(),
  text: z.string(),
  signature: z.string().nullable().default(null),
})
/** Lines of a file that are proven together. */
const PAGE = 1_000

interface Asked {
  readonly settings: Pick<Settings, 'client' | 'data'>
}

/** A trail from where it begins. */
interface Source {
  readonly base: Link
  readonly plane: string | null
  readonly pages: AsyncIterable<readonly Row[]>
}

export interface AuditVerify extends Asked {
  /** An export; absent: what the controller keeps. */
  readonly file?: string
  /** Ends that were told to the outside; lines of other things between them do no harm. */
  readonly anchors?: string
  /** Public keys that may have signed; none: any. */
  readonly key?: readonly string[]
  readonly json: boolean
}

/** Resolves with the exit code: 1 for a trail that was changed. */
export async function runAuditVerify({ file, anchors, key = [], json, settings }: AuditVerify, io: Io) {
  const isAsked = file === undefined && anchors === undefined && key.length === 0
  const verdict = isAsked ? await asked(settings) : await proved(await source(file, settings), anchors, key)
  if (json) io.stdout.write(`${JSON.stringify(verdict)}\n`)
  else for (const line of verdictLines(verdict, anchors)) io.stdout.write(`${line}\n`)
  return verdict.ok ? 0 : 1
}

function verdictLines({ fault, entries, base, head, ...found }: Verdict, anchors: string | undefined): string[] {
  if (fault !== null) return [`THE TRAIL WAS CHANGED at entry ${fault.n}: ${fault.detail}`]
  const { signed, keys, redacted } = found
  return [
    `The trail holds: ${entries} entries, ${base.n + 1} to ${head.n}, ending in ${head.hash}`,
    ...(signed > 0 ? [`${signed} of them are signed, with ${keys.join(', ')}`] : ['None of them is signed.']),
    ...(redacted > 0 ? [`${redacted} were rewritten to take secrets out, as later entries say.`] : []),
    ...(anchors === undefined ? [] : [`It is what ${found.anchors} lines of ${anchors} say.`]),
  ]
}

async function asked(settings: Asked['settings']): Promise<z.output<typeof verdictShape>> {
  return verdictShape.parse((await createApiClient(settings).request('/v1/audit/verify')).body)
}

async function proved({ base, plane, pages }: Source, file: string | undefined, keys: readonly string[]) {
  const anchors = file === undefined ? [] : anchorsOf(file, plane)
  const proof = await Proof.open(base, { ...NO_TRUST, anchors, keys: keys.length === 0 ? null : new Set(keys) })
  for await (const rows of pages) {
    await proof.add(rows)
    if (proof.fault !== null) break
  }
  return proof.verdict()
}

function anchorsOf(file: string, plane: string | null): Anchor[] {
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MizaniError({ code: 'FILE', message: `${unreadable(file, cause)}.`, cause })
  }
  const found = anchorsIn(text, plane)
  if (found.length > 0) return found
  const of = plane === null ? '' : ` of the plane ${plane}`
  throw new MizaniError({ code: 'FILE', message: `${file} says nothing about the end of a trail${of}.` })
}

async function source(file: string | undefined, settings: Asked['settings']): Promise<Source> {
  if (file !== undefined) return exported(file)
  const { base, plane } = await asked(settings)
  return { base, plane, pages: kept(settings) }
}

/** What the controller keeps, page by page. */
async function* kept(
  settings: Asked['settings'],
  onReceipt: (receipt: string | null) => void = () => {},
): AsyncGenerator<readonly Row[]> {
  const api = createApiClient(settings)
  for (let pageToken: string | null | undefined; pageToken !== null; ) {
    const query = { order: 'oldest', pageSize: PAGE, pageToken }
    const page = pageShape.parse((await api.request('/v1/audit', { query })).body)
    onReceipt(page.receipt)
    yield page.items.map(rowOf)
    pageToken = page.nextPageToken
  }
}

/** Each line of an export is one row; the first says what it follows on. */
async function exported(file: string): Promise<Source> {
  const refuse = (cause: unknown): never => {
    throw new MizaniError({ code: 'NOT_AN_EXPORT', message: `${file} is not an export of an audit.`, cause })
  }
  const lines = createInterface({ input: createReadStream(file) })[Symbol.asyncIterator]()
  async function* pages(): AsyncGenerator<readonly Row[]> {
    for (;;) {
      const rows: Row[] = []
      for (let line = await lines.next(); !line.done; line = await lines.next()) {
        rows.push(rowShape.parse(JSON.parse(line.value)))
        if (rows.length === PAGE) break
      }
      if (rows.length === 0) return
      yield rows
    }
  }
  async function* orRefuse(): AsyncGenerator<readonly Row[]> {
    try {
      yield* pages()
    } catch (cause) {
      refuse(cause)
    }
  }
  try {
    const first = await lines.next()
    const start = startShape.parse(JSON.parse(first.done ? '' : first.value))
    return { ...start, pages: orRefuse() }
  } catch (cause) {
    return refuse(cause)
  }
}

/**
 * Writes the trail to a file, proving it on the way; with a reason, asks to cut off in the store what is in the file.
 * @throws MizaniError AUDIT_CHANGED where the trail does not hold.
 */
export async function runAuditExport({ file, trim, settings }: Asked & { file: string; trim?: string }, io: Io) {
  const api = createApiClient(settings)
  const { base, plane } = await asked(settings)
  const out = await newFile(file)
  await out.write(`${JSON.stringify({ base, plane })}\n`)
  const proof = await Proof.open(base, NO_TRUST)
  let receipt: string | null = null
  const pages = kept(settings, (given) => {
    receipt = given
  })
  for await (const rows of pages) {
    await proof.add(rows)
    if (proof.fault !== null) break
    await out.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  }
  await out.sync()
  await out.close()
  const { fault, head: end } = proof.verdict()
  if (fault !== null) {
    const message = `The trail was changed at entry ${fault.n}: ${fault.detail}. ${file} is what was found of it.`
    throw new MizaniError({ code: 'AUDIT_CHANGED', message })
  }
  io.stderr.write(`${end.n - base.n} entries are in ${file}, ending in ${end.hash}\n`)
  if (trim === undefined || end.n === START.n || end.n === base.n) return
  await api.request('/v1/audit/trim', { method: 'POST', body: { through: end, reason: trim, receipt } })
  io.stderr.write(
    `It waits for an approver to cut it off up to entry ${end.n}, within a day: \`mizani audit agree\`.\n`,
  )
}

/** An approver, as the second person: cuts off what somebody else has exported. */
export async function runAuditAgree({ settings }: Asked, io: Io): Promise<void> {
  const { trim } = await asked(settings)
  const { success, data } = trimShape.safeParse(trim)
  if (!success) {
    const message = 'Nothing waits to be cut off: `mizani audit export FILE --trim REASON` asks for it.'
    throw new MizaniError({ code: 'NOT_FOUND', message })
  }
  const { through, by, reason } = data
  io.stderr.write(`${by} has exported the trail up to entry ${through.n} (${reason}).\n`)
  await createApiClient(settings).request('/v1/audit/trim', { method: 'POST', body: { through, reason } })
  io.stderr.write(`Cut off in the store, up to entry ${through.n}.\n`)
}

async function newFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600)
  } catch (cause) {
    const message = `Cannot make ${file}: ${messageOf(cause)}.`
    throw new MizaniError({ code: 'FILE', message, cause })
  }
}

function rowOf({ hash, signature, before, after, ...rest }: z.output<typeof entryShape>): Row {
  const entry: Entry = { ...rest, before: before ?? null, after: after ?? null }
  return { n: entry.n, hash, signature, text: textOf(entry) }
}
