// One institution: what it gets and why, what it is entitled to beside what is applied and carried, what it did over
// the last day, what another tier or ceiling would do, and what holds for it for a while.

import { type Call, everyPage, ifThere, type Schema } from '../call.js'
import { now } from '../clock.js'
import { cutsIn, revisionsIn } from '../happenings.js'
import { type Names, namesOf, useNames } from '../names.js'
import { type Address, definePage, type Loading } from '../page.js'
import { Choice } from '../parts/choice.js'
import { SimulatedLoad } from '../parts/demonstration.js'
import { PolicyChanges } from '../parts/institution-changes.js'
import { History, type Recorded } from '../parts/institution-history.js'
import { Overrides } from '../parts/institution-overrides.js'
import { missing } from '../parts/institution-rows.js'
import { type Column, Table } from '../parts/table.js'
import { WhatIf } from '../parts/what-if.js'
import { institutionOf, Why } from '../parts/why.js'
import { useStore, useWords } from '../store.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS, type Text } from '../words/texts.js'

type Detail = Schema['InstitutionDetail']
type Flow = Detail['flows'][number]

interface InstitutionData {
  readonly detail: Detail
  readonly why: Schema['Explanation']
  readonly overrides: readonly Schema['Override'][]
  readonly names: Names
  /** Of the last day, and when it was read; null: not yet. */
  readonly history: Recorded | null
}

const DAY = 86_400_000
/** A new point comes as often. */
const SLOT = 300_000

async function load({ call, address, before, isFirst }: Loading<InstitutionData>): Promise<InstitutionData> {
  const { names, query } = address
  const path = { id: names.id! }
  const kept = before?.detail.id === path.id ? before : undefined
  const direction = query.get('direction') === 'up' ? 'up' : 'down'
  const at = now()
  const isOld = kept?.history == null || at - kept.history.read > SLOT
  const [detail, why, overrides, history] = await Promise.all([
    call('get', '/v1/institutions/{id}', { path }),
    call('get', '/v1/institutions/{id}/explain', {
      path,
      query: { service: query.get('service') ?? undefined, direction },
    }),
    overridesNow(call),
    isFirst || !isOld ? null : recorded(call, path.id, at),
  ])
  const places = [
    ...[`categories/${detail.category}`, `regions/${detail.region}`, `tiers/${detail.tier}`],
    ...[`institutions/${detail.id}`, ...detail.sites.map(({ edge }) => `edges/${edge}`)],
    ...(detail.envelope === null ? [] : [`envelopes/${detail.envelope}`]),
    ...why.sharers.map(({ flow }) => `institutions/${institutionOf(flow)}`),
  ]
  return {
    ...{ detail, why, names: await namesOf(call, places, kept?.names) },
    overrides: overrides.filter(({ patch }) => isOn(detail, patch.on)),
    history:
      history === null
        ? (kept?.history ?? null)
        : { ...history, ended: history.ended.filter(({ patch }) => isOn(detail, patch.on)) },
  }
}

/** The last day, with what else was then. */
async function recorded(call: Call, id: string, at: number): Promise<Recorded | null> {
  const span = { from: at - DAY, to: at }
  const query = { from: new Date(span.from).toISOString(), to: new Date(at).toISOString(), step: '15m' as const }
  const [of, revisions, cuts, ended] = await Promise.all([
    ifThere(call('get', '/v1/institutions/{id}/history', { path: { id }, query })),
    revisionsIn(call, span),
    cutsIn(call, span),
    ifThere(
      everyPage((pageToken) => call('get', '/v1/overrides', { query: { pageSize: 1_000, pageToken, state: 'ended' } })),
    ),
  ])
  return of && { ...{ read: at, of, revisions, cuts, span }, ended: ended ?? [] }
}

/** What holds for a while, and what is to. */
async function overridesNow(call: Call): Promise<Schema['Override'][]> {
  const of = (state: 'active' | 'planned') =>
    everyPage((pageToken) => call('get', '/v1/overrides', { query: { pageSize: 1_000, pageToken, state } }))
  return (await Promise.all([of('active'), of('planned')])).flat()
}

/** Whether a change is laid on this institution: on itself, or on its region, category, tier or envelope. */
const isOn = (detail: Detail, on: unknown): boolean =>
  Object.entries((on ?? {}) as Record<string, unknown>).every(([subject, id]) =>
    subject === 'institution' ? id === detail.id : (detail as Partial<Record<string, unknown>>)[subject] === id,
  )

function Institution({ data, address }: { readonly data: InstitutionData; readonly address: Address }) {
  const { detail, why, overrides, history, names } = data
  const named = useNames(names)
  const { say, lang } = useWords()
  const store = useStore()
  const { status } = store
  const serviceName = (id: string): string => status.value?.services.find((known) => known.id === id)?.name[lang] ?? id
  const flow = detail.flows.find(({ service, direction }) => service === why.service && direction === why.direction)
  return (
    <>
      <h1>{detail.name[lang]}</h1>
      <p class="quiet">
        {detail.id} · {say(TEXTS.category)} {named('categories', detail.category)} · {say(TEXTS.region)}{' '}
        {named('regions', detail.region)} · {say(TEXTS.tier)} {named('tiers', detail.tier)}
      </p>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <FlowChoice detail={detail} why={why} address={address} nameOf={serviceName} />
        <button type="button" onClick={() => print()}>
          {say(INSTITUTION.print)}
        </button>
        <a class="button" href={`/policy/institutions/${encodeURIComponent(detail.id)}`}>
          {say(INSTITUTION.inPolicy)}
        </a>
      </form>
      <h2>
        {serviceName(why.service)}, {say(TEXTS[why.direction])}
      </h2>
      {flow !== undefined && <Figures flow={flow} why={why} />}
      <Why why={why} names={names} />
      {flow !== undefined && (
        <WhatIf key={`${detail.id} ${flow.service} ${flow.direction}`} institution={detail} flow={flow} names={names} />
      )}
      {status.value?.demo === true && store.may('operator') && <SimulatedLoad id={detail.id} />}
      <History history={history} why={why} overrides={overrides} />
      <Overrides id={detail.id} service={why.service} overrides={overrides} names={names} />
      <PolicyChanges of={detail} />
      <Flows detail={detail} nameOf={serviceName} />
      <Sites detail={detail} names={names} />
    </>
  )
}

interface Named {
  readonly detail: Detail
  nameOf(service: string): string
}

function FlowChoice({ detail, why, address, nameOf }: Named & { why: Schema['Explanation']; address: Address }) {
  const { say } = useWords()
  const services = [...new Set(detail.flows.map(({ service }) => service))]
  return (
    <>
      <Choice
        label={say(TEXTS.service)}
        name="service"
        usual={address.query.has('service') ? '' : why.service}
        address={address}
        options={services.map((id) => [id, nameOf(id)] as const)}
      />
      <Choice
        label={say(TEXTS.direction)}
        name="direction"
        usual="down"
        address={address}
        options={(['down', 'up'] as const).map((way) => [way, say(TEXTS[way])] as const)}
      />
    </>
  )
}

/** What is written, what is had, what is applied, what is carried: side by side. */
function Figures({ flow, why }: { readonly flow: Detail['flows'][number]; readonly why: Schema['Explanation'] }) {
  const { say, rate, about } = useWords()
  const estimated: readonly unknown[] = [TEXTS.demand, TEXTS.unmet]
  const figures = [
    [INSTITUTION.guarantee, flow.guarantee],
    [INSTITUTION.ceiling, flow.ceiling],
    [TEXTS.demand, flow.demand],
    [TEXTS.need, flow.need],
    [TEXTS.unmet, flow.unmet],
    [INSTITUTION.allocated, flow.rate],
    [INSTITUTION.applied, why.applied],
    [INSTITUTION.arrived, flow.arrived],
    [TEXTS.carried, flow.carried],
  ] as const
  const shown = (label: Text, value: number | null): string =>
    value !== null && estimated.includes(label) ? about(value, flow) : rate(value)
  return (
    <dl class="figures">
      {figures.map(([label, value]) => (
        <div key={label[0]}>
          <dt>{say(label)}</dt>
          <dd class={(label === TEXTS.unmet && missing(flow)) || undefined}>
            {label === TEXTS.unmet && value === 0 ? say(TEXTS.none) : shown(label, value)}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Flows({ detail, nameOf }: Named) {
  const { say, rate, about, limit } = useWords()
  const amount = (head: Text, name: 'guarantee' | 'demand' | 'need' | 'carried'): Column<Flow> => ({
    ...{ head, isNumber: true },
    cell: (flow) => (name === 'demand' ? about(flow.demand, flow) : rate(flow[name])),
  })
  return (
    <section>
      <h2>{say(INSTITUTION.everyFlow)}</h2>
      <Table<Flow>
        label={INSTITUTION.everyFlow}
        rows={detail.flows}
        keyOf={({ service, direction }) => `${service} ${direction}`}
        columns={[
          {
            head: TEXTS.service,
            look: 'prose',
            cell: ({ service, direction }) => (
              <a href={`/institutions/${encodeURIComponent(detail.id)}?${new URLSearchParams({ service, direction })}`}>
                {nameOf(service)}, {say(TEXTS[direction])}
              </a>
            ),
          },
          amount(INSTITUTION.guarantee, 'guarantee'),
          amount(TEXTS.demand, 'demand'),
          amount(TEXTS.need, 'need'),
          amount(TEXTS.carried, 'carried'),
          {
            ...{ head: TEXTS.unmet, isNumber: true, mark: (flow) => missing(flow) ?? undefined },
            cell: (flow) => (flow.unmet > 0 ? about(flow.unmet, flow) : say(TEXTS.none)),
          },
          { head: TEXTS.limitedBy, cell: ({ limitedBy }) => limit(limitedBy) },
        ]}
      />
    </section>
  )
}

function Sites({ detail, names }: Pick<InstitutionData, 'detail' | 'names'>) {
  const named = useNames(names)
  const { say, both } = useWords()
  return (
    <section>
      <h2>{say(INSTITUTION.sites)}</h2>
      <Table
        label={INSTITUTION.sites}
        rows={detail.sites}
        keyOf={({ id }) => id}
        columns={[
          { head: INSTITUTION.sites, cell: ({ id }) => id },
          {
            head: TEXTS.edge,
            cell: ({ edge }) => <a href={`/edges/${encodeURIComponent(edge)}`}>{named('edges', edge)}</a>,
          },
          { head: TEXTS.addresses, look: 'prose', cell: ({ prefixes }) => prefixes.join(' ') },
          {
            ...{ head: INSTITUTION.access, isNumber: true },
            cell: ({ access }) => both(access),
          },
        ]}
      />
    </section>
  )
}

export const page = definePage<InstitutionData>({ View: Institution, load })
