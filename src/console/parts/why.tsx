// Why a rate is what it is: the sentence, then the steps in which bandwidth is handed out as a ladder, then who is
// held by the same thing, then what would help.

import type { Schema } from '../call.js'
import { type Names, useNames } from '../names.js'
import { useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { InstitutionLink } from './institution-link.js'
import { Scroll } from './scroll.js'

type Explanation = Schema['Explanation']

interface WhyProps {
  readonly why: Explanation
  readonly names: Names
}

/** Of a flow, by its id. */
export const institutionOf = (flow: string): string => flow.split('/', 1)[0] ?? ''

export function Why({ why, names }: WhyProps) {
  const { say, lang } = useWords()
  return (
    <section id="why">
      <h2>{say(INSTITUTION.why)}</h2>
      <p class="sentence">{why.sentence[lang]}</p>
      <ol class="steps">
        {why.steps.map((step) => (
          <li key={step.en}>{step[lang]}</li>
        ))}
      </ol>
      {why.lifting[lang] !== '' && (
        <p>
          <strong>{say(INSTITUTION.lift)}:</strong> {why.lifting[lang]}
        </p>
      )}
      <Ladder why={why} />
      <Sharers why={why} names={names} />
    </section>
  )
}

/** Each band with what it gave; where it stopped, by what. */
function Ladder({ why }: { readonly why: Explanation }) {
  const { say, rate, percent, band } = useWords()
  let sum = 0
  const rows = why.bands.map((row) => {
    sum += row.amount
    return { ...row, sum }
  })
  // Headroom comes on top of what it asks: more than all of it is not drawn.
  const part = (of: number): number => (100 * Math.min(of, why.demand)) / Math.max(1, why.demand)
  return (
    <div>
      <h3>{say(INSTITUTION.ladder)}</h3>
      <p class="quiet">{say(INSTITUTION.ladderHow)}</p>
      <Scroll label={say(INSTITUTION.ladder)}>
        <table id="ladder">
          <thead>
            <tr>
              <th scope="col">{say(INSTITUTION.step)}</th>
              <th scope="col" class="number">
                {say(INSTITUTION.has)}
              </th>
              <th scope="col" class="number">
                {say(INSTITUTION.most)}
              </th>
              <th scope="col" class="number">
                {say(INSTITUTION.total)}
              </th>
              <th scope="col">{say(INSTITUTION.ofAsked)}</th>
              <th scope="col">{say(INSTITUTION.stoppedBy)}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const isStopped = row.bottleneck !== null && row.kind !== 'headroom'
              return (
                <tr key={row.band} class={isStopped ? 'stopped' : undefined}>
                  <th scope="row">{band(row.band, row.kind)}</th>
                  <td class="number">{rate(row.amount)}</td>
                  <td class="number">{rate(row.cap)}</td>
                  <td class="number">{rate(row.sum)}</td>
                  <td class="asked">
                    <svg class="rung" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                      <rect class="before" width={part(row.sum - row.amount)} height="10" />
                      <rect
                        class={isStopped ? 'now stopped' : 'now'}
                        x={part(row.sum - row.amount)}
                        width={part(row.sum) - part(row.sum - row.amount)}
                        height="10"
                      />
                    </svg>{' '}
                    {percent(Math.floor(part(row.sum)) / 100)}
                  </td>
                  <td class={isStopped ? 'bad' : 'quiet'}>
                    {row.bottleneck ?? say(INSTITUTION.demandMet)}
                    {row.kept !== null && row.kept < 0.9995 && ` (${percent(Math.floor(100 * row.kept) / 100)})`}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scroll>
    </div>
  )
}

function Sharers({ why, names }: WhyProps) {
  const { say, rate, lang, limit } = useWords()
  const named = useNames(names)
  const { sharers } = institutionSentences(lang)
  return (
    <div>
      <h3>{say(INSTITUTION.shares)}</h3>
      {why.sharers.length === 0 ? (
        <p class="quiet">{say(INSTITUTION.nobodyShares)}</p>
      ) : (
        <>
          <p class="quiet">{sharers(why.sharersTotal, why.sharingInstitutions, limit(why.limitedBy))}</p>
          <ul class="chips">
            {why.sharers.map(({ flow, need }) => {
              const institution = institutionOf(flow)
              return (
                <li key={flow}>
                  <InstitutionLink id={institution} name={named('institutions', institution)} />{' '}
                  <small>
                    {say(TEXTS.need)} {rate(need)}
                  </small>
                </li>
              )
            })}
          </ul>
        </>
      )}
    </div>
  )
}
