// What is wrong, worst first: what it is, what to do, since when, and who has seen it.

import { useState } from 'preact/hooks'
import type { Status } from '../call.js'
import { useStore, useWords } from '../store.js'
import { OVERVIEW } from '../words/overview-texts.js'
import { TEXTS } from '../words/texts.js'

type Alarm = Status['alarms'][number]

const SEVERITIES = ['critical', 'major', 'minor']
const rank = ({ severity, gone }: Alarm): number => SEVERITIES.indexOf(severity) + (gone === null ? 0 : 10)

/** Those that are about to end come last. */
export const worstFirst = <One extends Alarm>(alarms: readonly One[]): One[] =>
  [...alarms].sort((a, b) => rank(a) - rank(b))

export function Alarms() {
  const { status } = useStore()
  const { say } = useWords()
  const alarms = worstFirst(status.value?.alarms ?? [])
  return (
    <section>
      <h2>{say(OVERVIEW.alarms)}</h2>
      {alarms.length === 0 && <p>{say(OVERVIEW.noAlarms)}</p>}
      <ul id="alarms" class="alarms">
        {alarms.map((alarm) => (
          <AlarmRow key={alarm.id} alarm={alarm} />
        ))}
      </ul>
    </section>
  )
}

export function AlarmRow({ alarm }: { readonly alarm: Alarm }) {
  const store = useStore()
  const { say, state, alarmAge, lang } = useWords()
  const [isOpen, setOpen] = useState(false)
  const { id, severity, detail, remedy, acknowledgedBy, gone } = alarm
  const acknowledge = (event: SubmitEvent): void => {
    event.preventDefault()
    const note = String(new FormData(event.currentTarget as HTMLFormElement).get('note') ?? '')
    store
      .call('post', '/v1/alarms/{id}/acknowledge', { path: { id }, body: { note } })
      .then(() => {
        setOpen(false)
        store.say(say(OVERVIEW.acknowledged))
        return store.refresh()
      })
      .catch((error: unknown) => store.complain(error))
  }
  return (
    <li class={`alarm ${gone === null ? severity : 'gone'}`}>
      <strong>{gone === null ? state(severity) : say(OVERVIEW.waitsToEnd)}</strong>
      <div>
        <p>
          <a href={`/alarms/${encodeURIComponent(id)}`}>{detail[lang]}</a>
        </p>
        <p class="quiet">
          {say(OVERVIEW.whatToDo)}: {remedy[lang]}
        </p>
        <p class="quiet">{alarmAge(alarm)}</p>
        {isOpen && (
          <form method="post" class="row" onSubmit={acknowledge}>
            <label>
              {say(OVERVIEW.acknowledgeNote)} <input name="note" maxLength={500} />
            </label>
            <button type="submit" class="main">
              {say(OVERVIEW.acknowledge)}
            </button>
            <button type="button" onClick={() => setOpen(false)}>
              {say(TEXTS.cancel)}
            </button>
          </form>
        )}
      </div>
      {acknowledgedBy === null && !isOpen && store.may('operator') && (
        <button type="button" onClick={() => setOpen(true)}>
          {say(OVERVIEW.acknowledge)}
        </button>
      )}
    </li>
  )
}
