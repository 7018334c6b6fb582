// What holds for an institution for a while: until when, whose it is and why; ended from here, and made from here.

import { useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { Scroll } from './scroll.js'

interface Props {
  readonly id: string
  readonly service: string
  readonly overrides: readonly Schema['Override'][]
}

export function Overrides({ id, service, overrides }: Props) {
  const store = useStore()
  const { say, time, patch } = useWords()
  const end = (override: string): void => {
    store.call('delete', '/v1/overrides/{id}', { path: { id: override } }).then(
      () => {
        store.say(say(INSTITUTION.ended))
        return store.refresh()
      },
      (error: unknown) => store.complain(error),
    )
  }
  return (
    <section id="overrides">
      <h2>{say(INSTITUTION.overrides)}</h2>
      {overrides.length === 0 ? (
        <p class="quiet">{say(INSTITUTION.noOverrides)}</p>
      ) : (
        <Scroll label={say(INSTITUTION.overrides)}>
          <table>
            <thead>
              <tr>
                <th scope="col">{say(TEXTS.what)}</th>
                <th scope="col">{say(INSTITUTION.until)}</th>
                <th scope="col">{say(TEXTS.reason)}</th>
                <th scope="col">{say(INSTITUTION.owner)}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {overrides.map((override) => (
                <tr key={override.id}>
                  <th scope="row">{patch(override.patch)}</th>
                  <td>{time(override.until)}</td>
                  <td>{override.reason}</td>
                  <td>{override.owner}</td>
                  <td>
                    {store.may('operator') && (
                      <button type="button" onClick={() => end(override.id)}>
                        {say(INSTITUTION.end)}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {store.may('operator') && <Add id={id} service={service} />}
    </section>
  )
}

function Add({ id, service }: Pick<Props, 'id' | 'service'>) {
  const store = useStore()
  const { say } = useWords()
  const [isOpen, setOpen] = useState(false)
  const put = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const [ceiling, hours, reason] = ['ceiling', 'hours', 'reason'].map((name) => String(form.get(name) ?? ''))
    const body = {
      patch: { on: { institution: id }, ceilings: { [service]: ceiling } },
      seconds: Math.round(Number(hours) * 3_600),
      reason: reason ?? '',
    }
    store.call('post', '/v1/overrides', { body }).then(
      () => {
        setOpen(false)
        store.say(say(INSTITUTION.isPut))
        return store.refresh()
      },
      (error: unknown) => store.complain(error),
    )
  }
  if (!isOpen)
    return (
      <p>
        <button type="button" id="add-override" onClick={() => setOpen(true)}>
          {say(INSTITUTION.addOverride)}
        </button>
      </p>
    )
  return (
    <form method="post" class="row card" onSubmit={put}>
      <label>
        {say(INSTITUTION.newCeiling)} <input name="ceiling" required maxLength={40} />
      </label>
      <label>
        {say(INSTITUTION.forHours)}{' '}
        <input name="hours" type="number" required min="0.1" max="168" step="any" value="2" />
      </label>
      <label>
        {say(TEXTS.reason)} <input name="reason" required maxLength={500} />
      </label>
      <button type="submit" class="main">
        {say(INSTITUTION.put)}
      </button>
      <button type="button" onClick={() => setOpen(false)}>
        {say(TEXTS.cancel)}
      </button>
    </form>
  )
}
