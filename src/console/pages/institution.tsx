// One institution: what it gets and why, what it is entitled to beside what is applied and carried, what it did over
// the last day, what another tier or ceiling would do, and what holds for it for a while.

import { ifThere, type Schema } from '../call.js'
import { now } from '../clock.js'
import { type Address, definePage, type Loading } from '../page.js'
import { Choice } from '../parts/choice.js'
import { History } from '../parts/institution-history.js'
import { Overrides } from '../parts/institution-overrides.js'
import { Scroll } from '../parts/scroll.js'
import { WhatIf } from '../parts/what-if.js'
import { Why } from '../parts/why.js'
import { useStore, useWords } from '../store.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { TEXTS } from '../words/texts.js'

type Detail = Schema['InstitutionDetail']

interface InstitutionData {
  readonly detail: Detail
  readonly why: Schema['Explanation']
  readonly overrides: readonly Schema['Override'][]
  /** Of the last day, and when it was read; null: not yet. */
  readonly history: { readonly read: number; readonly of: Schema['InstitutionHistory'] } | null
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
    call('get', '/v1/overrides', { query: { q: path.id, pageSize: 50 } }),
    isFirst || !isOld ? null : ifThere(call('get', '/v1/institutions/{id}/history', { path, query: lastDay(at) })),
  ])
  return {
    ...{ detail, why },
    overrides: overrides.items.filter(({ state }) => state !== 'ended'),
    history: history === null ? (kept?.history ?? null) : { read: at, of: history },
  }
}

const lastDay = (at: number) => ({
  from: new Date(at - DAY).toISOString(),
  to: new Date(at).toISOString(),
  step: '15m' as const,
})

function Institution({ data, address }: { readonly data: InstitutionData; readonly address: Address }) {
  const { detail, why, overrides, history } = data
  const { say, lang, flowName } = useWords()
  const { status } = useStore()
  const serviceName = (id: string): string => status.value?.services.find((known) => known.id === id)?.name[lang] ?? id
  const flow = detail.flows.find(({ service, direction }) => service === why.service && direction === why.direction)
  return (
    <>
      <h1>{detail.name[lang]}</h1>
      <p class="quiet">
        {detail.id} · {say(TEXTS.category)} {detail.category} · {say(TEXTS.region)} {detail.region}
        {` · ${say(TEXTS.tier)} ${detail.tier}`}
      </p>
      <form class="row filters" onSubmit={(event) => event.preventDefault()}>
        <FlowChoice detail={detail} why={why} address={address} nameOf={serviceName} />
        <button type="button" onClick={() => print()}>
          {say(INSTITUTION.print)}
        </button>
      </form>
      <h2>{flowName(serviceName(why.service), say(TEXTS[why.direction]))}</h2>
      {flow !== undefined && <Figures flow={flow} why={why} />}
      <Why why={why} />
      {flow !== undefined && (
        <WhatIf key={`${detail.id} ${flow.service} ${flow.direction}`} institution={detail} flow={flow} />
      )}
      <History history={history?.of ?? null} why={why} />
      <Overrides id={detail.id} service={why.service} overrides={overrides} />
      <Flows detail={detail} nameOf={serviceName} />
      <Sites detail={detail} />
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
  const { say, rate } = useWords()
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
  return (
    <dl class="figures">
      {figures.map(([label, value]) => (
        <div key={label[0]}>
          <dt>{say(label)}</dt>
          <dd class={label === TEXTS.unmet && value !== 0 ? 'warn' : undefined}>
            {label === TEXTS.unmet && value === 0 ? say(TEXTS.none) : rate(value)}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Flows({ detail, nameOf }: Named) {
  const { say, rate, limit } = useWords()
  return (
    <section>
      <h2>{say(INSTITUTION.everyFlow)}</h2>
      <Scroll label={say(INSTITUTION.everyFlow)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say(TEXTS.service)}</th>
              {[INSTITUTION.guarantee, TEXTS.demand, TEXTS.need, TEXTS.carried, TEXTS.unmet].map((head) => (
                <th key={head[0]} scope="col" class="number">
                  {say(head)}
                </th>
              ))}
              <th scope="col">{say(TEXTS.limitedBy)}</th>
            </tr>
          </thead>
          <tbody>
            {detail.flows.map((flow) => (
              <tr key={`${flow.service} ${flow.direction}`}>
                <th scope="row">
                  <a href={`/institutions/${detail.id}?service=${flow.service}&direction=${flow.direction}`}>
                    {nameOf(flow.service)}, {say(TEXTS[flow.direction])}
                  </a>
                </th>
                {[flow.guarantee, flow.demand, flow.need, flow.carried].map((value, i) => (
                  <td key={i} class="number">
                    {rate(value)}
                  </td>
                ))}
                <td class={flow.unmet > 0 ? 'number warn' : 'number'}>
                  {flow.unmet > 0 ? rate(flow.unmet) : say(TEXTS.none)}
                </td>
                <td>{limit(flow.limitedBy)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

function Sites({ detail }: { readonly detail: Detail }) {
  const { say, rate } = useWords()
  return (
    <section>
      <h2>{say(INSTITUTION.sites)}</h2>
      <Scroll label={say(INSTITUTION.sites)}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say(INSTITUTION.sites)}</th>
              <th scope="col">{say(TEXTS.edge)}</th>
              <th scope="col">{say(TEXTS.addresses)}</th>
              <th scope="col" class="number">
                {say(INSTITUTION.access)}
              </th>
            </tr>
          </thead>
          <tbody>
            {detail.sites.map(({ id, edge, prefixes, access }) => (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>{edge}</td>
                <td>{prefixes.join(' ')}</td>
                <td class="number">
                  ↓ {rate(access.down)} ↑ {rate(access.up)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  )
}

export const page = definePage<InstitutionData>({ View: Institution, load })
