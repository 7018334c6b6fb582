// `mizani audit list` and `purge`: who did what, as a table, and what of it should never have stood there. (What proves
// the trail is in audit-proof.ts.)

import type { Entry } from '../model/happening.js'
import type { Io } from '../runtime/io.js'
import { isTree } from '../runtime/json.js'
import { textLines } from '../runtime/text-table.js'
import { type ApiCommand, createApiClient } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

type AuditEntry = ApiAnswered<'get', '/v1/audit'>['items'][number]

export interface AuditFilter extends ApiCommand {
  readonly actor?: string
  readonly action?: string
  readonly subject?: string
  readonly outcome?: Entry['outcome']
  /** ISO 8601 with an offset, as `until` is. */
  readonly since?: string
  readonly until?: string
  readonly text?: string
  /** Only changes that one person made alone. */
  readonly alone?: boolean
  readonly most: number
}

/** The trail may be long: pages are asked for until there are enough, or no more. */
export async function runAuditList(
  { most, text, alone, json, settings, ...filter }: AuditFilter,
  io: Io,
): Promise<void> {
  const api = createApiClient(settings)
  const found: AuditEntry[] = []
  let pageToken: string | undefined
  do {
    const pageSize = Math.min(1_000, most - found.length)
    const query = { ...filter, q: text, ...(alone ? { alone: 'true' as const } : {}), pageSize, pageToken }
    const { body } = await api.ask('get', '/v1/audit', { query })
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

type Deed = Pick<AuditEntry, 'action' | 'subject' | 'reason' | 'times' | 'after'>

/** Subjects that are shown of an entry; the trail has all. */
const SHOWN = 4

function deedOf({ action, subject, reason, times, after }: Deed) {
  const subjects = subject.split(', ')
  const more = subjects.length > SHOWN ? ` and ${subjects.length - SHOWN} more` : ''
  const what = subject === '' ? action : `${action} of ${subjects.slice(0, SHOWN).join(', ')}${more}`
  return `${what}${times > 1 ? `, ${times} times` : ''}${agreement(after)}${reason === null ? '' : `: ${reason}`}`
}

/** Of a change: whether a second person agreed. */
function agreement(after: unknown): string {
  if (!isTree(after) || !('secondPerson' in after)) return ''
  return typeof after.secondPerson === 'string' ? `, approved by ${after.secondPerson}` : ', by one person alone'
}

/** Lists what is not fit for the trail; with a reason, takes it out. */
export async function runAuditPurge({ reason, json, settings }: ApiCommand & { reason?: string }, io: Io) {
  const api = createApiClient(settings)
  const isTrial = reason === undefined
  const query = isTrial ? { dryRun: 'true' as const } : {}
  const { body } = await api.ask('post', '/v1/audit/purge', {
    query,
    body: { reason: reason ?? 'to see what there is' },
  })
  if (json) return void io.stdout.write(`${JSON.stringify(body)}\n`)
  if (body.entries.length === 0) return void io.stdout.write('All that stands in the trail is fit for it.\n')
  const rows = body.entries.map(({ n, time, action, fields, rotate }) => [
    ...[String(n), time, action, fields.join(' '), rotate ?? ''],
  ])
  for (const line of textLines({ heads: ['n', 'time', 'what', 'not fit', 'rotate'], rows, right: [0] })) {
    io.stdout.write(`${line}\n`)
  }
  const done = isTrial ? 'With --reason it is taken out.' : 'It was taken out.'
  io.stderr.write(
    `${done} Rotate what was exposed in any case: whoever could read the trail may have it, and exports and backups ` +
      'made before still do, as does the file of the policy store until it is written anew (BGREWRITEAOF).\n',
  )
}
