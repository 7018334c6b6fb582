// Alarms: what lasts, the worst first, to be marked as seen with a note; and what is over, so that a night can be read
// in the morning.

import { everyPage, type Schema } from '../call.js'
import { type Address, definePage } from '../page.js'
import { AlarmRow, worstFirst } from '../parts/alarms.js'
import { Choice } from '../parts/choice.js'
import { SheetButton } from '../parts/sheet.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { KINDS } from '../words/alarm-kinds.js'
import { countSaid } from '../words/policy-texts.js'
import { TEXTS } from '../words/texts.js'
import { WATCH } from '../words/watch-texts.js'

type Alarm = Schema['Alarm']

interface AlarmsData {
  readonly lasting: readonly Alarm[]
  /** The latest of those that are over, and how many there are. */
  readonly over: readonly Alarm[]
  readonly all: number
  /** Of all there are, whatever is shown. */
  readonly codes: readonly string[]
}

const SEVERITIES = ['critical', 'major', 'minor'] as const
/** Of the history on one page; the sheet has all of it. */
const MOST = 300
/** In the page as the server writes it. */
const FIRST_ROWS = 50

function Alarms({ data, address }: { readonly data: AlarmsData; readonly address: Address }) {
  const { lasting, over, all } = data
  const { say, state, time, lang } = useWords()
  const code = address.query.get('code')
  const any = ['', say(TEXTS.everything)] as const
  const codes = [...new Set([...data.codes, ...(code === null ? [] : [code])])].sort()
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
          options={[any, ...codes.map((one) => [one, say(KINDS[one] ?? [one, one])] as const)]}
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
        {over.length < all && <p class="quiet">{countSaid(lang, over.length, all)}</p>}
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
            { head: WATCH.began, look: 'time', cell: ({ since }) => time(since) },
            {
              head: WATCH.ended,
              look: 'time',
              cell: ({ cleared }) => (cleared === null ? say(TEXTS.none) : time(cleared)),
            },
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
  concerns: ['alarm'],
  async load({ call, address, isFirst }) {
    const severity = SEVERITIES.find((one) => one === address.query.get('severity'))
    const code = address.query.get('code')
    const known = await everyPage((pageToken) =>
      call('get', '/v1/alarms', { query: { all: 'true', pageSize: 1_000, severity, pageToken } }),
    )
    const alarms = known.filter((alarm) => (code ?? alarm.code) === alarm.code)
    // The API has them by id, the oldest first.
    const over = alarms.filter(({ cleared }) => cleared !== null).sort((a, b) => (a.since < b.since ? 1 : -1))
    const lasting = alarms.filter(({ cleared }) => cleared === null)
    const latest = over.slice(0, isFirst ? FIRST_ROWS : MOST)
    return { lasting, over: latest, all: over.length, codes: [...new Set(known.map((alarm) => alarm.code))] }
  },
})
