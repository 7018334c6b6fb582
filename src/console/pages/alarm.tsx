// One alarm: what it is and what to do, whom it concerns, who has seen it, and who missed what while it lasted.

import type { Schema } from '../call.js'
import { definePage } from '../page.js'
import { AlarmRow } from '../parts/alarms.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { WATCH } from '../words/watch-texts.js'

type Detail = Schema['AlarmDetail']

function Alarm({ data: alarm }: { readonly data: Detail }) {
  const { say, time } = useWords()
  const rows: readonly (readonly [label: string, said: string])[] = [
    [say(WATCH.kind), alarm.code],
    [say(WATCH.concerns), [alarm.subject, ...alarm.members, ...alarm.regions].join(', ')],
    [say(WATCH.began), time(alarm.since)],
    ...(alarm.cleared === null ? [] : [[say(WATCH.ended), time(alarm.cleared)] as const]),
    ...(alarm.acknowledgedBy === null ? [] : [[say(WATCH.seenBy), alarm.acknowledgedBy] as const]),
    ...(alarm.note ? [[say(WATCH.note), alarm.note] as const] : []),
  ]
  return (
    <>
      <p>
        <a href="/alarms">{say(WATCH.allAlarms)}</a>
      </p>
      <h1>{alarm.subject}</h1>
      <ul class="alarms">
        <AlarmRow alarm={alarm} />
      </ul>
      <dl>
        {rows.map(([label, said]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      <section>
        <h2>{say(WATCH.missed)}</h2>
        <Table
          label={WATCH.missed}
          empty={WATCH.nobodyMissed}
          rows={alarm.missed}
          keyOf={({ institution }) => institution}
          columns={[
            {
              head: TEXTS.institution,
              cell: ({ institution }) => <a href={`/institutions/${encodeURIComponent(institution)}`}>{institution}</a>,
            },
            {
              ...{ head: WATCH.minutes, isNumber: true },
              cell: ({ minutesBelowGuarantee }) => Math.round(minutesBelowGuarantee),
            },
            { head: WATCH.megabits, isNumber: true, cell: ({ mbitMissing }) => Math.round(mbitMissing) },
          ]}
        />
      </section>
    </>
  )
}

export const page = definePage<Detail>({
  View: Alarm,
  load: ({ call, address }) => call('get', '/v1/alarms/{id}', { path: { id: address.names.id ?? '' } }),
})
