// `mizani audit`: ask the controller whether its trail holds, take the trail away as a file, and prove such a file
// without any controller. What was taken away may then be cut off in the store.

import { readFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { z } from 'zod'
import { type Fault, follow, type Link, type Row, START, textOf } from '../audit/chain.js'
import { type Entry, OUTCOMES } from '../model/happening.js'
import type { Settings } from '../runtime/config.js'
import { MizaniError, messageOf } from '../runtime/errors.js'
import type { Io } from '../runtime/io.js'
import { textLines } from '../runtime/text-table.js'
import { type ApiCommand, createApiClient } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

const link = z.object({ n: z.number(), hash: z.string() })
const verdictShape = z.object({
  ok: z.boolean(),
  entries: z.number(),
  base: link,
  head: link,
  fault: z.object({ n: z.number(), code: z.enum(['CHANGED', 'GAP', 'HEAD']), detail: z.string() }).nullable(),
})
const entryShape = z.object({
  ...{ n: z.number(), at: z.number(), actor: z.string(), via: z.string(), address: z.string(), action: z.string() },
  ...{ subject: z.string(), reason: z.string().nullable(), reference: z.string().nullable(), requestId: z.string() },
  ...{ outcome: z.enum(OUTCOMES), code: z.string().nullable(), before: z.unknown(), after: z.unknown() },
  ...{ times: z.number(), hash: z.string() },
})
const pageShape = z.object({ items: z.array(entryShape), nextPageToken: z.string().nullable() })
const rowShape = z.object({ n: z.number(), hash: z.string(), text: z.string() })

type AuditEntry = ApiAnswered<'get', '/v1/audit'>['items'][number]

interface Asked {
  readonly settings: Pick<Settings, 'client' | 'data'>
}

/** Resolves with the exit code: 1 for a trail that was changed. */
export async function runAuditVerify({ file, json, settings }: Asked & { file?: string; json: boolean }, io: Io) {
  const verdict = file === undefined ? await asked(settings) : proved(file)
  if (json) io.stdout.write(`${JSON.stringify(verdict)}\n`)
  else if (verdict.fault === null) {
    const { entries, base, head } = verdict
    io.stdout.write(`The trail holds: ${entries} entries, ${base.n + 1} to ${head.n}, ending in ${head.hash}\n`)
  } else io.stdout.write(`THE TRAIL WAS CHANGED at entry ${verdict.fault.n}: ${verdict.fault.detail}\n`)
  return verdict.ok ? 0 : 1
}

async function asked(settings: Asked['settings']): Promise<z.output<typeof verdictShape>> {
  return verdictShape.parse((await createApiClient(settings).request('/v1/audit/verify')).body)
}

/** Each line of an export is one row; the first says what it follows on. */
function proved(file: string): { ok: boolean; entries: number; base: Link; head: Link; fault: Fault | null } {
  try {
    const [first = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
    const { base } = z.object({ base: link }).parse(JSON.parse(first))
    const rows = lines.map((line) => rowShape.parse(JSON.parse(line)))
    const { end, fault } = follow(base, rows)
    return { ok: fault === null, entries: rows.length, base, head: end, fault }
  } catch (cause) {
    throw new MizaniError({ code: 'NOT_AN_EXPORT', message: `${file} is not an export of an audit.`, cause })
  }
}

/**
 * Writes the trail to a file, proving it on the way; with a reason, cuts off in the store what is in the file.
 * @throws MizaniError AUDIT_CHANGED where the trail does not hold; the file then ends before that entry.
 */
export async function runAuditExport({ file, trim, settings }: Asked & { file: string; trim?: string }, io: Io) {
  const api = createApiClient(settings)
  const { base } = await asked(settings)
  const out = await newFile(file)
  await out.write(`${JSON.stringify({ base })}\n`)
  let end: Link = base
  let fault: Fault | null = null
  for (let pageToken: string | null | undefined; pageToken !== null && fault === null; ) {
    const query = { order: 'oldest', pageSize: 1_000, pageToken }
    const page = pageShape.parse((await api.request('/v1/audit', { query })).body)
    const rows = page.items.map(rowOf)
    for (const row of rows) {
      ;({ end, fault } = follow(end, [row]))
      if (fault !== null) break
      await out.write(`${JSON.stringify(row)}\n`)
    }
    pageToken = page.nextPageToken
  }
  await out.sync()
  await out.close()
  if (fault !== null) {
    const message = `The trail was changed at entry ${fault.n}: ${fault.detail}. ${file} ends before it.`
    throw new MizaniError({ code: 'AUDIT_CHANGED', message })
  }
  io.stderr.write(`${end.n - base.n} entries are in ${file}, ending in ${end.hash}\n`)
  if (trim === undefined || end.n === START.n || end.n === base.n) return
  await api.request('/v1/audit/trim', { method: 'POST', body: { through: end, reason: trim } })
  io.stderr.write(`Cut off in the store, up to entry ${end.n}.\n`)
}

export interface AuditFilter extends ApiCommand {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  readonly outcome?: Entry['outcome']
  /** ISO 8601 with an offset, as `until` is. */
  readonly since?: string
  readonly until?: string
  readonly text?: string
  readonly most: number
}

/** The trail may be long: pages are asked for until there are enough, or no more. */
export async function runAuditList({ most, text, json, settings, ...filter }: AuditFilter, io: Io): Promise<void> {
  const api = createApiClient(settings)
  const found: AuditEntry[] = []
  let pageToken: string | undefined
  do {
    const pageSize = Math.min(1_000, most - found.length)
    const { body } = await api.ask('get', '/v1/audit', { query: { ...filter, q: text, pageSize, pageToken } })
    found.push(...body.items)
    pageToken = body.nextPageToken ?? undefined
  } while (pageToken !== undefined && found.length < most)
  if (json) return void io.stdout.write(`${JSON.stringify(found)}\n`)
  if (found.length === 0) return void io.stdout.write('Nothing of that kind is in the trail.\n')
  const rows = found.map(({ n, time, actor, via, outcome, code, ...deed }) => [
    ...[String(n), time, `${actor} (${via})`, [outcome, code].filter(Boolean).join(' '), deedOf(deed)],
  ])
  for (const line of textLines({ heads: ['n', 'time', 'who', 'outcome', 'what'], rows, right: [0] })) {
    io.stdout.write(`${line}\n`)
  }
  if (pageToken !== undefined) io.stderr.write(`The newest ${found.length} are shown; --most shows more.\n`)
}

function deedOf({ action, subject, reason, times }: Pick<AuditEntry, 'action' | 'subject' | 'reason' | 'times'>) {
  const what = subject === '' ? action : `${action} of ${subject}`
  return `${what}${times > 1 ? `, ${times} times` : ''}${reason === null ? '' : `: ${reason}`}`
}

async function newFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600)
  } catch (cause) {
    const message = `Cannot make ${file}: ${messageOf(cause)}.`
    throw new MizaniError({ code: 'FILE', message, cause })
  }
}

function rowOf({ hash, before, after, ...rest }: z.output<typeof entryShape>): Row {
  const entry: Entry = { ...rest, before: before ?? null, after: after ?? null }
  return { n: entry.n, hash, text: textOf(entry) }
}
