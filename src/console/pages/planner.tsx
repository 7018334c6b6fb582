// Planning: what was asked, how far it is, and a form for the next question.

import { everyPage, type Schema } from '../call.js'
import { definePage } from '../page.js'
import { PlanForm } from '../parts/plan-form.js'
import { SimulationState, TakeBack } from '../parts/simulation-state.js'
import { Table } from '../parts/table.js'
import { useWords } from '../store.js'
import { askedSaid, PLAN, PLAN_ASKED, PLAN_KINDS } from '../words/plan-texts.js'
import { TEXTS } from '../words/texts.js'

type Simulation = Schema['Simulation']

interface PlannerData {
  readonly simulations: readonly Simulation[]
  readonly proposals: readonly string[]
}

/** In the page as the server writes it. */
const FIRST_ROWS = 30

function Planner({ data: { simulations, proposals } }: { readonly data: PlannerData }) {
  const { say, time } = useWords()
  return (
    <>
      <h1>{say(TEXTS.planner)}</h1>
      <p class="quiet">{say(PLAN.how)}</p>
      <h2>{say(PLAN.questions)}</h2>
      <Table<Simulation>
        id="simulations"
        label={PLAN.questions}
        empty={PLAN.noQuestions}
        rows={simulations}
        keyOf={({ id }) => id}
        columns={[
          {
            head: PLAN.question,
            cell: ({ id, kind }) => <a href={`/planner/${encodeURIComponent(id)}`}>{say(PLAN_KINDS[kind])}</a>,
          },
          { head: PLAN.of, cell: (one) => <Asked simulation={one} /> },
          {
            head: TEXTS.state,
            cell: (one) => <SimulationState simulation={one} />,
            mark: ({ state }) => (state === 'queued' || state === 'running' ? 'warn' : undefined),
          },
          { head: PLAN.askedBy, cell: ({ author, at }) => `${author} · ${time(at)}` },
          { head: TEXTS.act, cell: (one) => <TakeBack simulation={one} /> },
        ]}
      />
      <PlanForm proposals={proposals} />
    </>
  )
}

/** Beside the kind and the policy, what was asked. */
function Asked({ simulation: { revision, proposal, asked } }: { readonly simulation: Simulation }) {
  const { say, lang } = useWords()
  const words = Object.entries(PLAN_ASKED).flatMap(([name, said]) =>
    asked[name] === undefined ? [] : [`${say(said)} ${askedSaid(lang, name, asked[name])}`.trim()],
  )
  const of = proposal === null ? '' : `${say(PLAN.proposal)} ${proposal} · `
  return <>{`${of}${say(PLAN.revision)} ${revision}${words.length > 0 ? ` · ${words.join(', ')}` : ''}`}</>
}

export const page = definePage<PlannerData>({
  View: Planner,
  concerns: ['simulation', 'revision'],
  async load({ call, isFirst }) {
    const [simulations, proposals] = await Promise.all([
      everyPage((pageToken) => call('get', '/v1/simulations', { query: { pageSize: 1_000, pageToken } })),
      everyPage((pageToken) => call('get', '/v1/proposals', { query: { pageSize: 1_000, pageToken } })),
    ])
    // The API has them by id; here the latest stands first.
    const latest = [...simulations].sort((a, b) => (a.at < b.at ? 1 : -1))
    const open = proposals.flatMap(({ id, state }) => (state === 'open' || state === 'approved' ? [id] : []))
    return { simulations: isFirst ? latest.slice(0, FIRST_ROWS) : latest, proposals: open }
  },
})
