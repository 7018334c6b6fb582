// Alarms: what lasts, the worst first, to be marked as seen with a note; and what is over, so that a night can be read
// in the morning.

import type { Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { AlarmRow, worstFirst } from '../parts/alarms.js'
import { Choice } from '../parts/choice.js'
import { SheetButton } from '../parts/sheet.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { WATCH } from '../words/watch-texts.js'

type Alarm = Schema['Alarm']

interface AlarmsData {
  readonly alarms: readonly Alarm[]
}

const SEVERITIES = ['critical', 'major', 'minor'] as const
/** Of the history on one page. */
const MOST = 300

function Alarms({ data: { alarms }, address }: { readonly data: AlarmsData; readonly address: Address }) {
  const { say, state, time, lang } = useWords()
  const code = address.query.get('code')
  const shown = alarms.filter((alarm) => (code ?? alarm.code) === alarm.code)
  const lasting = shown.filter(({ cleared }) => cleared === null)
  const over = shown.filter(({ cleared }) => cleared !== null)
  const any = ['', say(TEXTS.everything)] as const
  const codes = [...new Set([...alarms.map((alarm) => alarm.code), ...(code === null ? [] : [code])])].sort()
  return (
    <>
      <h1>{say(TEXTS.alarms)}</h1>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <Choice
          label={say(WATCH.severity)}
          name="severity"
          address={address}
          options={[any, ...SEVERITIES.map((one) => [one, state(one)] as const)]}
        />
        <Choice
          label={say(WATCH.kind)}
          name="code"
          address={address}
          options={[any, ...codes.map((one) => [one, one] as const)]}
        />
        <SheetButton address={`/v1/alarms?all=true&pageSize=1000&${filtersOf(address)}`} file="alarms.csv" />
      </form>
      <section>
        <h2>{say(WATCH.lasting)}</h2>
        {lasting.length === 0 && <p>{say(WATCH.nothingLasts)}</p>}
        <ul id="alarms" class="alarms">
          {worstFirst(lasting).map((alarm) => (
            <AlarmRow key={alarm.id} alarm={alarm} />
          ))}
        </ul>
      </section>
      <section>
        <h2>{say(WATCH.over)}</h2>
        <Table<Alarm>
          id="over"
          label={WATCH.over}
          empty={WATCH.nothingOver}
          rows={over}
          keyOf={({ id }) => id}
          columns={[
            {
              head: WATCH.alarm,
              cell: ({ id, detail }) => <a href={`/alarms/${encodeURIComponent(id)}`}>{detail[lang]}</a>,
            },
            { head: WATCH.severity, cell: ({ severity }) => state(severity) },
            { head: WATCH.began, cell: ({ since }) => time(since) },
            { head: WATCH.ended, cell: ({ cleared }) => (cleared === null ? say(TEXTS.none) : time(cleared)) },
            { head: WATCH.seenBy, cell: ({ acknowledgedBy }) => acknowledgedBy ?? say(TEXTS.none) },
            { head: WATCH.note, cell: ({ note }) => note || say(TEXTS.none) },
          ]}
        />
      </section>
    </>
  )
}

const filtersOf = ({ query }: Address): string =>
  new URLSearchParams([...query].filter(([name]) => name === 'severity' || name === 'code')).toString()

export const page = definePage<AlarmsData>({
  View: Alarms,
  async load({ call, address }) {
    const severity = SEVERITIES.find((one) => one === address.query.get('severity'))
    const { items } = await call('get', '/v1/alarms', { query: { all: 'true', pageSize: MOST, severity } })
    return { alarms: items }
  },
})
