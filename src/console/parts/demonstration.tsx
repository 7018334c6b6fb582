// The knobs of a demonstration: an edge that is simulated falls silent and comes back, and an institution behind one
// asks for more, or for less.

import { useStore } from '../store.js'
import { INSTITUTION } from '../words/institution-texts.js'
import { NETWORK } from '../words/network-texts.js'
import { Deed } from './deed.js'

export function SimulatedEdge({ id }: { readonly id: string }) {
  const { call } = useStore()
  return (
    <>
      <Deed
        id="stop-edge"
        title={NETWORK.stopEdge}
        done={NETWORK.edgeStopped}
        fields={[]}
        act={() => call('post', '/v1/demo/edges/{id}/stop', { path: { id } })}
      />{' '}
      <Deed
        id="start-edge"
        title={NETWORK.startEdge}
        done={NETWORK.edgeStarted}
        fields={[]}
        act={() => call('post', '/v1/demo/edges/{id}/start', { path: { id } })}
      />
    </>
  )
}

export function SimulatedLoad({ id }: { readonly id: string }) {
  const { call } = useStore()
  return (
    <p>
      <Deed
        id="load"
        title={INSTITUTION.load}
        done={INSTITUTION.loaded}
        fields={[{ name: 'factor', label: INSTITUTION.loadFactor, type: 'number', value: '2' }]}
        act={({ factor = '1' }) => call('post', '/v1/demo/load', { body: { institution: id, factor: Number(factor) } })}
      />
    </p>
  )
}
