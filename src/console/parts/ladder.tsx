// The steps in which bandwidth is handed out, as a ladder: what each band gave, and where it ended, by what.

import { DIFFERS } from '../../model/published.js'
import type { Schema } from '../call.js'
import { useWords } from '../store.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { Scroll } from './scroll.js'

type Explanation = Schema['Explanation']

/** In sum as many as were computed; where another rate is published, why. */
export function Ladder({ why }: { readonly why: Explanation }) {
  const { say, rate, lang } = useWords()
  let sum = 0
  const rows = why.bands.map((row) => {
    sum += row.amount
    return { ...row, sum }
  })
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
            {rows.map((row) => (
              <Rung key={row.band} row={row} asked={why.demand} />
            ))}
          </tbody>
          {why.differs !== null && (
            <tfoot>
              <tr id="published">
                <th scope="row" colSpan={3}>
                  {say(INSTITUTION.published)}
                </th>
                <td class="number">{rate(why.rate)}</td>
                <td class="quiet" colSpan={2}>
                  {DIFFERS[why.differs][lang]}
                </td>
              </tr>
            </tfoot>
          )}
        </table>
      </Scroll>
    </div>
  )
}

interface RungProps {
  readonly row: Explanation['bands'][number] & { readonly sum: number }
  /** What it asks in all, bit/s. */
  readonly asked: number
}

function Rung({ row, asked }: RungProps) {
  const { say, rate, percent, band } = useWords()
  // Headroom comes on top of what it asks: more than all of it is not drawn.
  const part = (of: number): number => (100 * Math.min(of, asked)) / Math.max(1, asked)
  // Headroom is what others leave: a link that ends it limits nothing that is asked.
  const isStopped = row.bottleneck !== null && row.kind !== 'headroom'
  const end = isStopped ? row.bottleneck : `${say(INSTITUTION.leftOver)} ${row.bottleneck}`
  return (
    <tr class={isStopped ? 'stopped' : undefined}>
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
        {row.bottleneck === null ? say(INSTITUTION.wholeStep) : end}
        {row.kept !== null && row.kept < 0.9995 && ` (${percent(Math.floor(100 * row.kept) / 100)})`}
      </td>
    </tr>
  )
}
