// mizani alarm: what is wrong and what was, and that somebody has seen it.

import { formatMinutes } from '../model/units.js'
import type { Io } from '../runtime/io.js'
import { type ApiClient, type ApiCommand, printAnswer, printList } from './api-client.js'
import type { ApiAnswered } from './api-operations.js'

type Alarm = ApiAnswered<'get', '/v1/alarms'>['items'][number]
type Severity = Alarm['severity']

export interface AlarmFilter extends ApiCommand {
  /** Those that are over as well. */
  readonly all: boolean
  readonly severity?: Severity
  readonly code?: string
}

export async function runAlarmList({ all, severity, code, ...asked }: AlarmFilter, io: Io): Promise<void> {
  const query = { all: all ? ('true' as const) : undefined, severity, code }
  await printList(asked, io, (api, page) => api.ask('get', '/v1/alarms', { query: { ...page, ...query } }), {
    none: all ? 'There was none.' : 'Nothing is wrong now.',
    table: (alarms) => ({
      heads: ['id', 'severity', 'since', 'over', 'seen by', 'what'],
      rows: [...alarms]
        .sort((a, b) => (a.since < b.since ? 1 : -1))
        .map(({ id, severity, since, cleared, acknowledgedBy, detail }) => {
          return [id, severity, since, cleared ?? '', acknowledgedBy ?? '', detail.en]
        }),
    }),
  })
}

export async function runAlarmShow({ id, ...asked }: ApiCommand & { readonly id: string }, io: Io): Promise<void> {
  const ask = (api: ApiClient) => api.ask('get', '/v1/alarms/{id}', { path: { id } })
  await printAnswer(asked, io, ask, ({ missed, members, ...alarm }) => [
    ...alarmLines(alarm),
    `About: ${members.join(', ') || alarm.subject}`,
    ...missed.map(({ institution, minutesBelowGuarantee, mbitMissing }) => {
      const below = formatMinutes(minutesBelowGuarantee)
      return `    ${institution}: ${below} below its guarantee, ${Math.round(mbitMissing)} Mbit missing`
    }),
  ])
}

export async function runAlarmAcknowledge(
  { id, note, ...asked }: ApiCommand & { readonly id: string; readonly note?: string },
  io: Io,
): Promise<void> {
  const ask = (api: ApiClient) => api.ask('post', '/v1/alarms/{id}/acknowledge', { path: { id }, body: { note } })
  await printAnswer(asked, io, ask, alarmLines)
}

function alarmLines({ id, severity, since, cleared, detail, remedy, acknowledgedBy, note }: Omit<Alarm, 'members'>) {
  const over = cleared === null ? 'and lasts' : `until ${cleared}`
  const seen = acknowledgedBy === null ? 'Nobody has acknowledged it.' : `Acknowledged by ${acknowledgedBy}.`
  return [`${id}  ${severity}, since ${since} ${over}`, detail.en, remedy.en, `${seen}${note ? ` ${note}` : ''}`]
}
