// What a gateway is ordered to do, for a while or until the next order.

import { now } from '../clock.js'
import { useStore, useWords } from '../store.js'
import { NETWORK } from '../words/network-texts.js'
import { TEXTS, type Text } from '../words/texts.js'
import { Deed } from './deed.js'

interface Props {
  readonly title: Text
  /** Of the edge; absent: it is asked for. */
  readonly id?: string
  readonly edges?: readonly string[]
}

export const ORDERS = ['observe', 'enforce', 'trial', 'hold', 'bypass'] as const
/** These are states, and last; the others are exceptions, and end by themselves. */
const ENDLESS = ['observe', 'enforce']

/** As the API takes it: to enforce until then is a trial. */
export function orderOf(said: string | undefined, end: number) {
  const order = ORDERS.find((known) => known === said) ?? 'observe'
  return {
    enforcement: order === 'trial' ? ('enforce' as const) : order,
    until: ENDLESS.includes(order) ? null : new Date(end).toISOString(),
  }
}

export function EdgeOrder({ title, id, edges = [] }: Props) {
  const store = useStore()
  const { say } = useWords()
  return (
    <Deed
      id="edge-order"
      title={title}
      done={NETWORK.ordered}
      isGrave
      fields={[
        ...(id === undefined
          ? [{ name: 'edge', label: NETWORK.whichEdge, options: edges.map((e) => [e, e] as const) }]
          : []),
        {
          name: 'enforcement',
          label: NETWORK.orderIs,
          options: ORDERS.map((order) => [order, say(NETWORK[order])] as const),
        },
        { name: 'hours', label: NETWORK.orderHours, type: 'number', value: '2' },
        { name: 'reason', label: TEXTS.reason },
      ]}
      act={({ edge = id ?? '', enforcement, hours = '2', reason = '' }) =>
        store.call('post', '/v1/edges/{id}/enforcement', {
          path: { id: edge },
          body: { ...orderOf(enforcement, now() + Number(hours) * 3_600_000), reason },
        })
      }
    />
  )
}
