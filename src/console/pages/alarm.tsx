// One alarm: what it is and what to do, whom it concerns, who has seen it, and who missed what while it lasted.

import { formatMinutes } from '../../model/units.js'
import type { Schema } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { definePage } from '../page.js'
import { AlarmRow } from '../parts/alarms.js'
import { InstitutionLink } from '../parts/institution-link.js'
import { StoreLoss } from '../parts/store-loss.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { KINDS } from '../words/alarm-kinds.js'
import { TEXTS } from '../words/texts.js'
import { WATCH } from '../words/watch-texts.js'

type Detail = Schema['AlarmDetail']

interface AlarmData {
  readonly alarm: Detail
  readonly names: Names
}

function Alarm({ data: { alarm, names } }: { readonly data: AlarmData }) {
  const { say, time } = useWords()
  const named = useNames(names)
  const { members } = alarm
  const more = members.length > MOST ? [`+${members.length - MOST}`] : []
  const concerned = [
    ...members.slice(0, MOST).map((one) => named(collectionOf(alarm), one)),
    ...more,
    ...alarm.regions.map((region) => named('regions', region)),
  ]
  const rows: readonly (readonly [label: string, said: string])[] = [
    [say(WATCH.kind), say(KINDS[alarm.code] ?? [alarm.code, alarm.code])],
    [say(WATCH.concerns), (concerned.length === 0 ? [alarm.subject] : concerned).join(', ')],
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
      <h1>{say(KINDS[alarm.code] ?? [alarm.subject, alarm.subject])}</h1>
      <ul class="alarms">
        <AlarmRow alarm={alarm} />
      </ul>
      {alarm.code === 'STORE_LOST' && alarm.cleared === null && <StoreLoss />}
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
              cell: ({ institution }) => <InstitutionLink id={institution} name={named('institutions', institution)} />,
            },
            {
              ...{ head: WATCH.minutes, isNumber: true },
              cell: ({ minutesBelowGuarantee }) => formatMinutes(minutesBelowGuarantee),
            },
            { head: WATCH.megabits, isNumber: true, cell: ({ mbitMissing }) => Math.round(mbitMissing) },
          ]}
        />
      </section>
    </>
  )
}

/** Members that are said; who missed something stands below. */
const MOST = 30

/** In which its members may stand; links have no names. */
const collectionOf = ({ code }: Detail): string => (code === 'GUARANTEE_BROKEN' ? 'institutions' : 'edges')

export const page = definePage<AlarmData>({
  View: Alarm,
  async load({ call, address, before }) {
    const alarm = await call('get', '/v1/alarms/{id}', { path: { id: address.names.id ?? '' } })
    const members = alarm.members.slice(0, MOST).filter((one) => ID.test(one))
    const places = [
      ...alarm.regions.map((region) => `regions/${region}`),
      ...alarm.missed.map(({ institution }) => `institutions/${institution}`),
      ...members.map((one) => `${collectionOf(alarm)}/${one}`),
    ]
    return { alarm, names: await namesOf(call, places, before?.names) }
  },
})

/** Some members are words of ours. */
const ID = /^[a-z0-9.-]+$/
