// One gateway: what it should have and what it has, what stands behind it, and what it is ordered to do.

import type { Schema } from '../call.js'
import { type Names, namesOf, useNames } from '../names.js'
import { definePage } from '../page.js'
import { SimulatedEdge } from '../parts/demonstration.js'
import { Drain } from '../parts/drain.js'
import { EdgeOrder } from '../parts/edge-order.js'
import { EdgeText } from '../parts/edge-text.js'
import { InstitutionLink } from '../parts/institution-link.js'
import { Refusal } from '../parts/refusal.js'
import { Table } from '../parts/table.js'
import { useStore, useWords } from '../store.js'
import { LINES, NETWORK, NOTICES, PACES } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'

type Notice = Schema['EdgeDetail']['notices'][number]

interface EdgeData {
  readonly edge: Schema['EdgeDetail']
  readonly names: Names
}

function Edge({ data: { edge, names } }: { readonly data: EdgeData }) {
  const store = useStore()
  const named = useNames(names)
  const { say, lang, rate, both, state, seconds } = useWords()
  const serial = (of: Schema['EdgeDetail']['applied']): string => (of === null ? say(TEXTS.none) : String(of.seq))
  const figures = [
    [TEXTS.state, state(edge.state)],
    [NETWORK.enforcement, state(edge.enforcement)],
    [NETWORK.intended, serial(edge.intended)],
    [NETWORK.inForce, serial(edge.applied)],
    [NETWORK.lag, String(edge.lag)],
    [NETWORK.leaseLeft, edge.leaseLeftMs === null ? say(TEXTS.none) : seconds(edge.leaseLeftMs)],
    [NETWORK.port, both(edge.port)],
    [TEXTS.down, rate(edge.totals.down?.carried)],
    [TEXTS.up, rate(edge.totals.up?.carried)],
    [NETWORK.uncounted, both(edge.uncounted)],
  ] as const
  return (
    <>
      <h1>{edge.name[lang]}</h1>
      <p class="quiet">
        {edge.id} · {say(TEXTS.region)} {named('regions', edge.region)} · {named('nodes', edge.node)} ·{' '}
        {say(PACES[edge.pace])}
        {` · ${say(LINES[edge.line])}`}
        {edge.driver !== null && ` · ${state(edge.driver)}`}
        {edge.place !== null && ` · ${edge.place}`}
      </p>
      <dl class="figures">
        {figures.map(([label, said]) => (
          <div key={label[0]}>
            <dt>{say(label)}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      <Notes edge={edge} />
      {store.may('engineer') && (
        <p>
          <EdgeOrder id={edge.id} title={NETWORK.order} /> <Drain id={edge.id} />
        </p>
      )}
      {edge.driver === 'simulated' && store.may('operator') && (
        <p>
          <SimulatedEdge id={edge.id} />
        </p>
      )}
      {edge.pace === 'static' && store.may('engineer') && (
        <EdgeText id={edge.id} confirmed={edge.confirmed?.revision ?? null} />
      )}
      <Sites edge={edge} names={names} />
    </>
  )
}

function Sites({ edge, names }: EdgeData) {
  const { say, both } = useWords()
  const named = useNames(names)
  return (
    <section>
      <h2>{say(NETWORK.sites)}</h2>
      <Table
        label={NETWORK.sites}
        rows={edge.sites}
        keyOf={({ id }) => id}
        columns={[
          {
            head: TEXTS.institution,
            cell: ({ institution }) => <InstitutionLink id={institution} name={named('institutions', institution)} />,
          },
          { head: NETWORK.site, cell: ({ id }) => id },
          { head: TEXTS.addresses, look: 'prose', cell: ({ prefixes }) => prefixes.join(' ') },
          {
            head: NETWORK.access,
            isNumber: true,
            cell: ({ access }) => both(access),
          },
        ]}
      />
    </section>
  )
}

/** What it lacks, where somebody has said what it has. */
const renderCommand = ({ id, confirmed }: Schema['EdgeDetail']): string =>
  `mizani render ${id} --for ios-xe${confirmed === null ? '' : ` --since ${confirmed.revision}`}`

/** What is not as it should be. */
function Notes({ edge }: { readonly edge: Schema['EdgeDetail'] }) {
  const { say, state, time } = useWords()
  return (
    <>
      {edge.second !== null && (
        <p id="second" class="notice bad">
          {say(NETWORK.second)} {edge.second.place ?? say(NETWORK.somewhere)}. {say(NETWORK.since)}{' '}
          {time(edge.second.since)}. <code>mizani edge-user replace {edge.id}</code>
        </p>
      )}
      {edge.refusal !== null && (
        <p class="notice bad">
          {say(NETWORK.refusal)}: <Refusal refusal={edge.refusal} />
        </p>
      )}
      {edge.differsSince !== null && (
        <p class="notice">
          {say(NETWORK.differs)} <code>{renderCommand(edge)}</code> ({time(edge.differsSince)})
        </p>
      )}
      {edge.bypasses.map((bypass) => (
        <p key={bypass.since} class="notice bad">
          {state('bypass')}: {bypass.institution ?? say(TEXTS.everything)}, {say(NETWORK.until)} {time(bypass.until)}.
          {` ${bypass.reason}`}
        </p>
      ))}
      {edge.notices.length > 0 && (
        <Table<Notice>
          id="notices"
          label={NETWORK.notices}
          rows={edge.notices}
          keyOf={({ code, subject }) => `${code} ${subject}`}
          columns={[
            {
              ...{ head: NETWORK.notices, cell: ({ code }) => say(NOTICES[code]) },
              mark: ({ used }) => (used ? 'bad' : undefined),
            },
            { head: NETWORK.subjects, cell: ({ subject }) => subject },
            { head: NETWORK.since, look: 'time', cell: ({ since }) => time(since) },
            { head: TEXTS.state, cell: ({ used }) => say(used ? NETWORK.used : NETWORK.possible) },
          ]}
        />
      )}
    </>
  )
}

export const page = definePage<EdgeData>({
  View: Edge,
  async load({ call, address, before }) {
    const edge = await call('get', '/v1/edges/{id}', { path: { id: address.names.id! } })
    const places = [
      ...[`regions/${edge.region}`, `nodes/${edge.node}`],
      ...edge.sites.map(({ institution }) => `institutions/${institution}`),
    ]
    return { edge, names: await namesOf(call, places, before?.names) }
  },
})
