// Why a rate is what it is: the sentence, then the steps in which bandwidth is handed out as a ladder, then who is
// held by the same thing, then what would help.

import type { Schema } from '../call.js'
import { type Names, useNames } from '../names.js'
import { useWords } from '../store.js'
import { institutionSentences } from '../words/institution-sentences.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'
import { InstitutionLink } from './institution-link.js'
import { Ladder } from './ladder.js'

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

function Sharers({ why, names }: WhyProps) {
  const { say, rate, lang, limit } = useWords()
  const named = useNames(names)
  const { sharers, alone } = institutionSentences(lang)
  return (
    <div>
      <h3>{say(INSTITUTION.shares)}</h3>
      {why.sharers.length === 0 ? (
        <p class="quiet">{alone(why.limitedBy.code === 'DEMAND' ? null : limit(why.limitedBy))}</p>
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
