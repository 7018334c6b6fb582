// For a screen on a wall, read from across the room: how old it is, the sentence, then what is wrong, worst first.

import { useEffect, useState } from 'preact/hooks'
import { everyPage, type Schema } from '../call.js'
import { after, now } from '../clock.js'
import { definePage } from '../page.js'
import { worstFirst } from '../parts/alarms.js'
import { useStore, useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { ageSaid, WATCH } from '../words/watch-texts.js'

interface WallData {
  readonly links: readonly Pick<Schema['Link'], 'id' | 'unmet'>[]
}

const MOST = 8
const LATE = 5_000

function Wall({ data }: { readonly data: WallData }) {
  const { status } = useStore()
  const { say, sentence, state, limit, rate, alarmAge, lang } = useWords()
  const shown = status.value
  if (shown === null) return <h1>{say(TEXTS.notReady)}</h1>
  const alarms = worstFirst(shown.alarms)
  const { fresh, total } = shown.edges
  const isWell = alarms.length === 0 && shown.satisfied.short === 0 && fresh === total
  return (
    <div class="wall">
      <Age at={shown.at} />
      <h1 class={isWell ? 'well' : 'ill'}>{sentence(shown)}</h1>
      {isWell && <p>{say(WATCH.allIsWell)}</p>}
      {fresh < total && (
        <p class="bad">
          {say(WATCH.notFresh)}: {total - fresh} / {total}
        </p>
      )}
      <ul class="alarms">
        {alarms.slice(0, MOST).map((alarm) => (
          <li key={alarm.id} class={`alarm ${alarm.gone === null ? alarm.severity : 'gone'}`}>
            <strong>{state(alarm.severity)}</strong>
            <div>
              <p>{alarm.detail[lang]}</p>
              <p class="quiet">{alarmAge(alarm)}</p>
            </div>
          </li>
        ))}
      </ul>
      {alarms.length > MOST && <p class="quiet">+ {alarms.length - MOST}</p>}
      {shown.satisfied.short > 0 && (
        <section>
          <h2>{say(WATCH.short)}</h2>
          <ul>
            {shown.shortest.slice(0, MOST).map((row) => (
              <li key={row.institution}>
                <strong>{row.name[lang]}</strong> −{rate(row.unmet)} · {limit(row.limitedBy)}{' '}
                {row.belowGuarantee && <span class="bad">{say(WATCH.below)}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {data.links.length > 0 && (
        <section>
          <h2>{say(WATCH.tightLinks)}</h2>
          <ul>
            {data.links.map(({ id, unmet }) => (
              <li key={id}>
                <strong>{id}</strong> −{rate(unmet)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <p class="leave">
        <a href="/">{say(WATCH.leaveWall)}</a>
      </p>
    </div>
  )
}

/** It grows by itself, also while nothing comes. */
function Age({ at }: { readonly at: string }) {
  const { say, clock, lang } = useWords()
  const [age, setAge] = useState<number | null>(null)
  useEffect(() => {
    const look = (): void => {
      setAge(now() - Date.parse(at))
      stop = after(1_000, look)
    }
    let stop = after(0, look)
    return () => stop()
  }, [at])
  return (
    <p class={age !== null && age > LATE ? 'age old' : 'age'}>
      {say(WATCH.age)}: <strong>{age === null ? clock(at) : ageSaid(lang, age)}</strong>
    </p>
  )
}

export const page = definePage<WallData>({
  View: Wall,
  async load({ call }) {
    const links = await everyPage((pageToken) =>
      call('get', '/v1/links', { query: { pageSize: 1_000, pageToken, except: 'access' } }),
    )
    const short = links.filter(({ unmet }) => unmet > 0).sort((a, b) => b.unmet - a.unmet)
    return { links: short.slice(0, MOST).map(({ id, unmet }) => ({ id, unmet })) }
  },
})
