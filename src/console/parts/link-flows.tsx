// Who is on a link in one direction, and how far each has got: in which band, at which level, and what holds them.
// Those that lack most stand first.

import type { Schema } from '../call.js'
import type { Names } from '../names.js'
import { type Address, withQuery } from '../page.js'
import { useWords } from '../store.js'
import { levelSaid, NETWORK, onLinkSaid } from '../words/network-texts.js'
import { TEXTS, type Text } from '../words/texts.js'
import { FlowLink, flowOf } from './flow-link.js'
import { Table } from './table.js'

/** What is named at first, and where somebody asks for more: it is read anew with each tick. */
const [FEW, MANY] = [10, 250]

type OnLink = Schema['LinkFlows']

/** A label of one of the two directions that stand on a page. */
export const labelOf = (label: Text, way: 'down' | 'up'): Text => [
  `${label[0]}, ${TEXTS[way][0]}`,
  `${label[1]}, ${TEXTS[way][1]}`,
]

export const howManyOnLink = ({ query }: Address): number => (query.get('on') === 'more' ? MANY : FEW)

/** What they name. */
export const placesOnLink = ({ flows }: { readonly flows: readonly { readonly id: string }[] }): string[] =>
  flows.flatMap(({ id }) => {
    const { institution, edges } = flowOf(id)
    return [`institutions/${institution}`, ...edges.map((edge) => `edges/${edge}`)]
  })

interface Props {
  readonly on: OnLink
  readonly way: 'down' | 'up'
  readonly names: Names
  readonly address: Address
}

export function LinkFlows({ on, way, names, address }: Props) {
  const { say, lang, rate, about, limit, band, percent } = useWords()
  const levelOf = ({ band: at, kind, level, kept }: OnLink['flows'][number]): string => {
    if (at === null || kind === null) return say(TEXTS.none)
    const reached =
      kept === null ? level !== null && levelSaid(lang, rate(level)) : percent(Math.floor(100 * kept) / 100)
    return reached === false ? band(at, kind) : `${band(at, kind)}: ${reached}`
  }
  const isMore = howManyOnLink(address) === MANY
  return (
    <>
      <h3>{say(NETWORK.onLink)}</h3>
      {on.total > 0 && <p class="quiet">{onLinkSaid(lang, on.total, on.short, on.flows.length)}</p>}
      <Table<OnLink['flows'][number]>
        label={labelOf(NETWORK.onLink, way)}
        empty={NETWORK.nobodyOnIt}
        rows={on.flows}
        keyOf={({ id }) => id}
        columns={[
          { head: TEXTS.institution, cell: ({ id }) => <FlowLink id={id} names={names} /> },
          { head: TEXTS.demand, isNumber: true, cell: (flow) => about(flow.demand, flow) },
          { head: TEXTS.need, isNumber: true, cell: ({ need }) => rate(need) },
          { head: NETWORK.overIt, isNumber: true, cell: ({ load }) => rate(load) },
          {
            ...{ head: TEXTS.unmet, isNumber: true },
            cell: (flow) => (flow.unmet > 0 ? about(flow.unmet, flow) : say(TEXTS.none)),
            mark: ({ unmet }) => (unmet > 0 ? 'warn' : undefined),
          },
          { head: NETWORK.level, cell: levelOf },
          { head: TEXTS.limitedBy, cell: ({ limitedBy }) => limit(limitedBy) },
        ]}
      />
      {on.total > FEW && (
        <p>
          <a href={withQuery(address, { on: isMore ? undefined : 'more' })}>
            {say(isMore ? NETWORK.fewOnLink : NETWORK.moreOnLink)}
          </a>
        </p>
      )}
    </>
  )
}
