// Several gateways ordered together, as a network is brought to enforcing: those put on trial with one end are one
// batch, which observes again at the end, or at once when one of it refuses or is not heard. Whom it would hold back is
// said first.

import { useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { now } from '../clock.js'
import { type Store, useStore, useWords } from '../store.js'
import { batchSaid, NETWORK } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'
import { ORDERS, orderOf } from './edge-order.js'
import { useReady } from './ready.js'

interface Asked {
  readonly ids: readonly string[]
  readonly order: string
  readonly hours: number
  readonly reason: string
}

export function EdgeBatch({ edges }: { readonly edges: readonly Schema['Edge'][] }) {
  const store = useStore()
  const { say, lang } = useWords()
  const isReady = useReady()
  const [isBusy, setBusy] = useState(false)
  const [touched, setTouched] = useState<string | null>(null)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const asked = askedIn(event.currentTarget as HTMLFormElement)
    const isTry = (event.submitter as HTMLButtonElement | null)?.value === 'try'
    if (asked.ids.length === 0) return store.say(say(NETWORK.chooseEdges), true)
    setBusy(true)
    try {
      const limited = await send(store, asked, isTry)
      setTouched(isTry ? batchSaid(lang, asked.ids.length, limited) : null)
      if (!isTry) store.say(say(NETWORK.batchOrdered))
    } catch (error) {
      // Those before it are told already; the table shows which.
      store.complain(error)
    } finally {
      setBusy(false)
      if (!isTry) await store.refresh().catch((error: unknown) => store.complain(error))
    }
  }
  return (
    <details id="edge-batch">
      <summary>{say(NETWORK.orderSeveral)}</summary>
      <form method="post" class="card tall" onSubmit={(event) => void submit(event)} onChange={() => setTouched(null)}>
        <p class="quiet">{say(NETWORK.batchHow)}</p>
        <Fields edges={edges} />
        <div class="buttons">
          <button type="submit" name="act" value="try" disabled={isBusy || !isReady}>
            {say(NETWORK.whomTouches)}
          </button>
          <button type="submit" class="danger" disabled={isBusy || !isReady}>
            {say(NETWORK.order)}
          </button>
        </div>
        <p role="status">{touched ?? ''}</p>
      </form>
    </details>
  )
}

function Fields({ edges }: { readonly edges: readonly Schema['Edge'][] }) {
  const { say, lang } = useWords()
  return (
    <>
      <fieldset>
        <legend>{say(TEXTS.edges)}</legend>
        <div class="row">
          {edges.map(({ id, name }) => (
            <label key={id}>
              <input type="checkbox" name="edge" value={id} /> {name[lang]}
            </label>
          ))}
        </div>
      </fieldset>
      <label>
        {say(NETWORK.theyDo)}{' '}
        <select name="order">
          {ORDERS.map((order) => (
            <option key={order} value={order} selected={order === 'trial'}>
              {say(NETWORK[order])}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say(NETWORK.orderHours)} <input type="number" name="hours" min="0" step="any" defaultValue="2" required />
      </label>
      <label>
        {say(TEXTS.reason)} <input name="reason" required maxLength={500} />
      </label>
    </>
  )
}

/** One after the other. @returns how many institutions it holds back now. @throws Refused; those before are told. */
async function send({ call }: Store, { ids, order, hours, reason }: Asked, isTry: boolean): Promise<number> {
  // One end for all: by it they are one batch.
  const body = { ...orderOf(order, now() + hours * 3_600_000), reason }
  const query = isTry ? { dryRun: 'true' as const } : {}
  const institutions = new Set<string>()
  for (const id of ids) {
    const { limited } = await call('post', '/v1/edges/{id}/enforcement', { path: { id }, query, body })
    for (const { institution } of limited) institutions.add(institution)
  }
  return institutions.size
}

function askedIn(form: HTMLFormElement): Asked {
  const said = new FormData(form)
  const text = (name: string): string => String(said.get(name) ?? '').trim()
  return {
    ids: said.getAll('edge').map(String),
    ...{ order: text('order'), hours: Number(text('hours')), reason: text('reason') },
  }
}
