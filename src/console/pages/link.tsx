// One link in both directions: what it carries of what, who is short because of it, and what it did over the last day.

import { useMemo } from 'preact/hooks'
import { ifThere, type Schema } from '../call.js'
import { now } from '../clock.js'
import { type Names, namesOf, useNames } from '../names.js'
import { type Address, definePage, type Loading } from '../page.js'
import { Chart } from '../parts/chart.js'
import { FlowLink } from '../parts/flow-link.js'
import { endPlaces, endsSaid } from '../parts/link-ends.js'
import { howManyOnLink, LinkFlows, labelOf, placesOnLink } from '../parts/link-flows.js'
import { RunoutShown } from '../parts/link-runout.js'
import { LinkState } from '../parts/link-state.js'
import { LinkWhatIf } from '../parts/link-what-if.js'
import { Table } from '../parts/table.js'
import { type ReadRunout, readRunout } from '../runout.js'
import { useStore, useWords } from '../store.js'
import { LINK_KINDS, NETWORK } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'

interface LinkData {
  readonly id: string
  readonly ways: readonly Schema['LinkDetail'][]
  /** Who is on each of them. */
  readonly on: readonly Schema['LinkFlows'][]
  readonly names: Names
  readonly runout: ReadRunout | null
  readonly history: { readonly read: number; readonly of: readonly Schema['LinkHistory'][] } | null
}

const DAY = 86_400_000
const SLOT = 300_000
/** One point is no line. */
const LEAST_POINTS = 2
const DIRECTED = /\.(down|up)$/

async function load({ call, address, before, isFirst }: Loading<LinkData>): Promise<LinkData> {
  const id = address.names.id!.replace(DIRECTED, '')
  const known = before?.id === id ? before : undefined
  const kept = known?.history ?? null
  const at = now()
  const both = [`${id}.down`, `${id}.up`]
  const query = { from: new Date(at - DAY).toISOString(), to: new Date(at).toISOString(), step: '15m' as const }
  const isOld = kept === null || at - kept.read > SLOT
  const limit = howManyOnLink(address)
  const [ways, on, runout, history] = await Promise.all([
    Promise.all(both.map((way) => call('get', '/v1/links/{id}', { path: { id: way } }))),
    Promise.all(both.map((way) => call('get', '/v1/links/{id}/flows', { path: { id: way }, query: { limit } }))),
    isFirst ? null : readRunout(call, known?.runout ?? null),
    isFirst || !isOld
      ? null
      : ifThere(Promise.all(both.map((way) => call('get', '/v1/links/{id}/history', { path: { id: way }, query })))),
  ])
  const places = ways.flatMap((way) => [
    ...endPlaces(way),
    ...way.groups.map((group) => `groups/${group}`),
    ...placesOnLink(way.limits),
  ])
  const names = await namesOf(call, [...places, ...on.flatMap(placesOnLink)], known?.names)
  return { id, ways, on, names, runout, history: history === null ? kept : { read: at, of: history } }
}

function Link({ data: { id, ways, on, names, runout, history }, address }: PageProps) {
  const named = useNames(names)
  const { say } = useWords()
  const store = useStore()
  const [down] = ways
  return (
    <>
      <h1>{id}</h1>
      <p class="quiet">
        {say(LINK_KINDS[down!.kind])} · {endsSaid(down!, named)}
        {down!.groups.length > 0 &&
          ` · ${say(NETWORK.cables)}: ${down!.groups.map((group) => named('groups', group)).join(', ')}`}
      </p>
      {store.may('operator', 'engineer') && (
        <p>
          <LinkState id={id} title={NETWORK.sayState} isWhole={() => ways.every(({ state }) => state === 'up')} />
        </p>
      )}
      {ways.some(({ state }) => state !== 'down') && <LinkWhatIf key={id} id={id} />}
      {ways.map((way) => (
        <WayShown
          key={way.id}
          {...{ way, names, runout, address }}
          on={on.find(({ link }) => link === way.id)!}
          history={history?.of.find(({ link }) => link === way.id) ?? null}
        />
      ))}
    </>
  )
}

interface PageProps {
  readonly data: LinkData
  readonly address: Address
}

interface WayProps extends Pick<LinkData, 'names' | 'runout'> {
  readonly way: Schema['LinkDetail']
  readonly on: Schema['LinkFlows']
  readonly address: Address
  readonly history: Schema['LinkHistory'] | null
}

function WayShown({ way, on, names, address, runout, history }: WayProps) {
  const { say, rate, about, percent, state } = useWords()
  const figures = [
    [NETWORK.built, rate(way.capacity)],
    [NETWORK.usable, rate(way.usable)],
    [NETWORK.needed, rate(way.needLoad)],
    [NETWORK.part, percent(way.usable > 0 ? way.needLoad / way.usable : 0)],
    [TEXTS.carried, rate(way.carried)],
    [TEXTS.unmet, way.unmet > 0 ? rate(way.unmet) : say(TEXTS.none)],
    [TEXTS.state, state(way.state)],
  ] as const
  return (
    <section>
      <h2>{say(TEXTS[way.direction])}</h2>
      <dl class="figures">
        {figures.map(([label, said]) => (
          <div key={label[0]}>
            <dt>{say(label)}</dt>
            <dd>{said}</dd>
          </div>
        ))}
      </dl>
      {runout?.of && <RunoutShown runout={runout.of} link={way.id} />}
      <h3>{say(NETWORK.limitedHere)}</h3>
      <Table
        label={labelOf(NETWORK.limitedHere, way.direction)}
        empty={NETWORK.nobodyHere}
        rows={way.limits.flows}
        keyOf={({ id }) => id}
        columns={[
          { head: TEXTS.institution, cell: ({ id }) => <FlowLink id={id} names={names} /> },
          { head: TEXTS.demand, isNumber: true, cell: (flow) => about(flow.demand, flow) },
          { head: TEXTS.need, isNumber: true, cell: ({ need }) => rate(need) },
          {
            ...{ head: TEXTS.unmet, isNumber: true, mark: () => 'warn' },
            cell: (flow) => about(flow.demand - flow.need, flow),
          },
        ]}
      />
      <LinkFlows {...{ on, names, address }} way={way.direction} />
      <History history={history} way={way.direction} />
    </section>
  )
}

function History({ history, way }: Pick<WayProps, 'history'> & { readonly way: 'down' | 'up' }) {
  const { say, rate, time } = useWords()
  const points = history?.points ?? []
  const times = useMemo(() => points.map(({ at }) => Date.parse(at) / 1_000), [history])
  const isEmpty = points.filter(({ needLoad }) => needLoad !== null).length < LEAST_POINTS
  return (
    <>
      <h3>{say(NETWORK.history)}</h3>
      {isEmpty ? (
        <p class="quiet">{say(NETWORK.noHistory)}</p>
      ) : (
        <>
          <Chart
            label={say(NETWORK.history)}
            times={times}
            series={[
              { label: say(NETWORK.needed), values: points.map(({ needLoad }) => needLoad), colour: '--bad' },
              { label: say(TEXTS.carried), values: points.map(({ carried }) => carried), colour: '--free' },
              {
                label: say(NETWORK.built),
                values: points.map(({ capacity }) => capacity),
                colour: '--quiet',
                dashed: true,
              },
            ]}
          />
          <details>
            <summary>{say(TEXTS.asTable)}</summary>
            <Table
              label={labelOf(NETWORK.history, way)}
              rows={points.toReversed()}
              keyOf={({ at }) => at}
              columns={[
                { head: TEXTS.time, look: 'time', cell: ({ at }) => time(at) },
                { head: NETWORK.needed, isNumber: true, cell: ({ needLoad }) => rate(needLoad) },
                { head: TEXTS.carried, isNumber: true, cell: ({ carried }) => rate(carried) },
                { head: TEXTS.unmet, isNumber: true, cell: ({ unmet }) => rate(unmet) },
              ]}
            />
          </details>
        </>
      )}
    </>
  )
}

export const page = definePage<LinkData>({ View: Link, load })
