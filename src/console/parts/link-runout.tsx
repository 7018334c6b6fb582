// When the promises over a link break, in words and as a day.

import type { Runout } from '../runout.js'
import { useWords } from '../store.js'
import { breakSaid, runoutFrom } from '../words/network-texts.js'
import { askedSaid } from '../words/plan-texts.js'
import { cellSaid, type PlanCell } from './plan-table.js'

/** Of one direction, with the answer that says it. */
export function RunoutShown({ runout, link }: { readonly runout: Runout; readonly link: string }) {
  const words = useWords()
  const { lang, time } = words
  const { id, asked, author, at } = runout.simulation
  const found = runout.breaks[link]
  const said = (cell: PlanCell): string => cellSaid(cell, 'date', words)
  const told = found && {
    date: said(found.at),
    // What is no name of a cut says that there is none.
    cut: typeof found.failure === 'string' ? found.failure : null,
    first: said(found.institution),
  }
  return (
    <p class="runout">
      {breakSaid(lang, told ?? null)}{' '}
      <a href={`/planner/${encodeURIComponent(id)}`}>
        {runoutFrom(lang, askedSaid(lang, 'growth', asked.growth), author, time(at))}
      </a>
    </p>
  )
}

/** Its day; nothing where no promise breaks. */
export function BreakDay({ runout, link }: { readonly runout: Runout; readonly link: string }) {
  const words = useWords()
  return <>{cellSaid(runout.breaks[link]?.at ?? null, 'date', words)}</>
}
