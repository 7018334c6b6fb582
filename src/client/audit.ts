// `mizani audit list`: who did what, as a table. (What proves the trail is in audit-proof.ts.)

import type { Entry } from '../model/happening.js'
import type { Io } from '../runtime/io.js'
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
