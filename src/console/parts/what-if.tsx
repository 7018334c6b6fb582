// Another tier or ceiling, tried on the traffic of now while somebody drags: what it would have, and who would have
// less. The server solves it as it would solve the real change, and keeps nothing.

import { useEffect, useRef, useState } from 'preact/hooks'
import { isPromiseAlone } from '../../model/preview.js'
import { everyPage, type Schema } from '../call.js'
import { type Names, namesOf, useFoundNames, useNames } from '../names.js'
import { useStore, useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { InstitutionLink } from './institution-link.js'

interface Props {
  readonly institution: Schema['InstitutionDetail']
  readonly flow: Schema['InstitutionDetail']['flows'][number]
  readonly names: Names
}

/** Steps of the slider: times the ceiling there is. */
const STEPS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 8]
const AS_IT_IS = STEPS.indexOf(1)
const NAMED = 5

export function WhatIf({ institution, flow, names }: Props) {
  const store = useStore()
  const { say, rate } = useWords()
  const [step, setStep] = useState(AS_IT_IS)
  const [tier, setTier] = useState('')
  /** Null: the traffic of now is not known; undefined: not answered yet. */
  const [found, setFound] = useState<Schema['Impact'] | null>()
  const ceilings = Object.fromEntries(
    institution.flows
      .filter(({ service }) => service === flow.service)
      .map(({ direction, ceiling: usual }) => [direction, usual]),
  )
  // What nobody knows is not tried: neither of this direction nor of the other, which is sent with it.
  const isKnown = Object.values(ceilings).every((usual) => usual !== null)
  const ceiling = isKnown && flow.ceiling !== null ? Math.round(flow.ceiling * STEPS[step]!) : null
  const isAsked = step !== AS_IT_IS || tier !== ''
  const latest = useLatest((body: Tried) =>
    store.call('post', '/v1/institutions/{id}/what-if', { path: { id: institution.id }, body }).then(
      ({ impact }) => impact.now,
      (error: unknown) => {
        store.complain(error)
        return undefined
      },
    ),
  )
  useEffect(() => {
    setFound(undefined)
    if (!isAsked) return
    const changed = { [flow.service]: { ...ceilings, [flow.direction]: ceiling } }
    const body = { ...(tier === '' ? {} : { tier }), ...(step === AS_IT_IS ? {} : { ceilings: changed }) }
    return latest(body, setFound)
  }, [step, tier, flow.service, flow.direction])
  return (
    <section id="what-if">
      <h2>{say(INSTITUTION.whatIf)}</h2>
      <p class="quiet">{say(INSTITUTION.whatIfHow)}</p>
      <form method="post" class="row" onSubmit={(event) => event.preventDefault()}>
        {ceiling !== null && (
          <label>
            {say(INSTITUTION.whatIfCeiling)}
            <input
              type="range"
              min={0}
              max={STEPS.length - 1}
              value={step}
              aria-valuetext={rate(ceiling)}
              onInput={({ currentTarget: { value } }) => setStep(Number(value))}
            />
            <output>{rate(ceiling)}</output>
          </label>
        )}
        <Tiers present={institution.tier} flow={flow} names={names} chosen={tier} choose={setTier} />
      </form>
      <div role="status">
        {!isAsked && say(INSTITUTION.whatIfAsk)}
        {isAsked && found === null && say(TEXTS.notReady)}
        {isAsked && found && <Found found={found} of={institution.id} flow={flow} />}
      </div>
    </section>
  )
}

interface Tried {
  readonly tier?: string
  readonly ceilings?: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}

/**
 * Asks at once, and one thing at a time: while somebody drags on, what is asked next is where they are by then.
 * @returns what asks; and that returns what makes its answer nobody's.
 */
function useLatest<Asked, Answer>(ask: (asked: Asked) => Promise<Answer>) {
  const wanted = useRef<{ readonly asked: Asked; show(answer: Answer): void } | null>(null)
  const isAsking = useRef(false)
  const go = async (): Promise<void> => {
    if (isAsking.current) return
    isAsking.current = true
    while (wanted.current !== null) {
      const mine = wanted.current
      const answer = await ask(mine.asked)
      if (wanted.current !== mine) continue
      wanted.current = null
      mine.show(answer)
    }
    isAsking.current = false
  }
  return (asked: Asked, show: (answer: Answer) => void): (() => void) => {
    wanted.current = { asked, show }
    void go()
    return () => {
      wanted.current = null
    }
  }
}

interface TiersProps extends Pick<Props, 'flow' | 'names'> {
  readonly present: string
  readonly chosen: string
  choose(tier: string): void
}

/** Tiers that institutions have; asked for when somebody wants to choose. */
function Tiers({ present, flow, names, chosen, choose }: TiersProps) {
  const store = useStore()
  const { say } = useWords()
  const [tiers, setTiers] = useState<readonly string[]>([])
  const [others, setOthers] = useState<Names>({})
  const named = useNames({ ...names, ...others })
  const find = (): void => {
    if (tiers.length > 0) return
    const few = { pageSize: 1_000, service: flow.service, direction: flow.direction }
    everyPage((pageToken) => store.call('get', '/v1/institutions', { query: { ...few, pageToken } }))
      .then(async (rows) => {
        const known = [...new Set(rows.map(({ tier }) => tier))].sort()
        setTiers(known)
        setOthers(
          await namesOf(
            store.call,
            known.filter(Boolean).map((tier) => `tiers/${tier}`),
          ),
        )
      })
      .catch((error: unknown) => store.complain(error))
  }
  return (
    <label>
      {say(INSTITUTION.whatIfTier)}
      <select value={chosen} onFocus={find} onChange={({ currentTarget: { value } }) => choose(value)}>
        <option value="">{named('tiers', present)}</option>
        {tiers
          .filter((tier) => tier !== present && tier !== '')
          .map((tier) => (
            <option key={tier} value={tier}>
              {named('tiers', tier)}
            </option>
          ))}
      </select>
    </label>
  )
}

function Found({
  found,
  of,
  flow,
}: {
  readonly found: Schema['Impact']
  readonly of: string
  readonly flow: Props['flow']
}) {
  const { say, rate, lang } = useWords()
  const { wouldHave, promised, losers } = institutionSentences(lang)
  const isMine = (row: Schema['Impact']['gainers'][number]): boolean =>
    row.institution === of && row.service === flow.service && row.direction === flow.direction
  const mine = [...found.gainers, ...found.losers].find(isMine)
  const others = found.losers.filter(({ institution }) => institution !== of)
  const shown = others.slice(0, NAMED)
  const named = useFoundNames(shown.map(({ institution }) => `institutions/${institution}`))
  return (
    <>
      <p class="sentence">{wouldHave(rate(mine?.before ?? flow.need), rate(mine?.after ?? flow.need))}</p>
      {mine !== undefined && isPromiseAlone(mine) && (
        <p class="warn">{promised([rate(mine.keptBefore), rate(mine.keptAfter)])}</p>
      )}
      <p class={others.length > 0 ? 'bad' : 'quiet'}>{losers(others.length)}</p>
      <ul class="chips">
        {shown.map((row) => (
          <li key={`${row.institution} ${row.service} ${row.direction}`}>
            <InstitutionLink id={row.institution} name={named('institutions', row.institution)} />{' '}
            <small>
              {say(TEXTS[row.direction])} {rate(row.before)} → {rate(row.after)}
            </small>
          </li>
        ))}
      </ul>
    </>
  )
}
