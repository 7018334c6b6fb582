// Asking for more: another tier or other ceilings, and why. What it would do is shown before it is sent, and goes with
// it.

import { useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { REQUEST } from '../words/request-texts.js'
import { TEXTS } from '../words/texts.js'
import { useReady } from './ready.js'
import { type Request, RequestPreview, useServiceName } from './request.js'

interface Props {
  readonly choices: Schema['RequestChoices']
}

type Flows = Props['choices']['tiers'][number]['flows']

const MEGABIT = 1_000_000

export function RequestForm({ choices }: Props) {
  const store = useStore()
  const { say, lang } = useWords()
  const isReady = useReady()
  const [isBusy, setBusy] = useState(false)
  const [tried, setTried] = useState<Request | null>(null)
  // By the policy itself: what a schedule or an override holds it to for a while is not what it would ask to keep.
  const tiers = [...choices.tiers].sort((a, b) => Number(b.isPresent) - Number(a.isPresent))
  const flows = choices.tiers.find(({ isPresent }) => isPresent)?.flows ?? []
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const dryRun = (event.submitter as HTMLButtonElement | null)?.value === 'try'
    const body = wishOf(new FormData(form), flows)
    if (body.tier === undefined && body.ceilings === undefined) return store.say(say(REQUEST.sameAsNow), true)
    setBusy(true)
    try {
      const query = { dryRun: dryRun ? ('true' as const) : undefined }
      const made = await store.call('post', '/v1/requests', { query, body })
      setTried(dryRun ? made : null)
      if (dryRun) return store.hush()
      form.reset()
      store.say(say(REQUEST.sent))
      await store.refresh()
    } catch (error) {
      store.complain(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form id="ask" method="post" class="card tall" onSubmit={(event) => void submit(event)}>
      <label class="field">
        {say(TEXTS.tier)}
        <select name="tier">
          {tiers.map(({ id, name, isPresent }) => (
            <option key={id} value={isPresent ? '' : id}>
              {name[lang]}
            </option>
          ))}
        </select>
      </label>
      <details>
        <summary>{say(REQUEST.tierRanges)}</summary>
        <dl>
          {tiers.map((tier) => (
            <TierRanges key={tier.id} tier={tier} />
          ))}
        </dl>
      </details>
      <Ceilings flows={flows} />
      <label class="field">
        {say(REQUEST.reason)}
        <textarea name="reason" required maxLength={500} rows={3} />
      </label>
      <div class="buttons">
        <button type="submit" name="how" value="try" disabled={isBusy || !isReady}>
          {say(REQUEST.attempt)}
        </button>
        <button type="submit" name="how" value="send" class="main" disabled={isBusy || !isReady}>
          {say(REQUEST.send)}
        </button>
      </div>
      {tried !== null && <RequestPreview preview={tried.preview} />}
    </form>
  )
}

/** What each promises and allows, service by service; in the list itself it would be wider than the page. */
function TierRanges({ tier }: { readonly tier: Props['choices']['tiers'][number] }) {
  const { lang, rate } = useWords()
  const service = useServiceName()
  const down = tier.flows
    .filter(({ direction }) => direction === 'down')
    .map((flow) => `${service(flow.service)} ${rate(flow.guarantee)} – ${rate(flow.ceiling)}`)
  return (
    <div>
      <dt>{tier.name[lang]}</dt>
      <dd>{down.join(', ')}</dd>
    </div>
  )
}

/** Of each service both directions, as the policy has them. */
function Ceilings({ flows }: { readonly flows: Flows }) {
  const { say } = useWords()
  const service = useServiceName()
  return (
    <fieldset>
      <legend>{say(REQUEST.ceilings)}</legend>
      {flows.map((flow) => (
        <label key={`${flow.service} ${flow.direction}`} class="field">
          {service(flow.service)}, {say(TEXTS[flow.direction])}
          <input
            type="number"
            name={`${flow.service} ${flow.direction}`}
            min="0"
            step="any"
            defaultValue={String(flow.ceiling / MEGABIT)}
          />
        </label>
      ))}
    </fieldset>
  )
}

/** What is otherwise than it is. */
function wishOf(form: FormData, flows: Flows) {
  const said = (name: string): string => String(form.get(name) ?? '').trim()
  const rates = flows.map(({ service, direction, ceiling }) => {
    const text = said(`${service} ${direction}`)
    return { service, direction, ceiling, rate: text === '' ? ceiling : Math.round(Number(text) * MEGABIT) }
  })
  const changed = new Set(rates.filter(({ rate, ceiling }) => rate !== ceiling).map(({ service }) => service))
  const of = (service: string, direction: string): number =>
    rates.find((one) => one.service === service && one.direction === direction)?.rate ?? 0
  const ceilings = Object.fromEntries(
    [...changed].map((service) => [service, { down: of(service, 'down'), up: of(service, 'up') }]),
  )
  const tier = said('tier')
  return {
    reason: said('reason'),
    ...(tier === '' ? {} : { tier }),
    ...(changed.size === 0 ? {} : { ceilings }),
  }
}
