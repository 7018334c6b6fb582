// A gateway is drained before it is switched off: what it promises moves to others.

import { useStore, useWords } from '../store.js'
import { drainSaid, NETWORK } from '../words/network-texts.js'
import { TEXTS } from '../words/texts.js'
import { Deed } from './deed.js'

export function Drain({ id }: { readonly id: string }) {
  const store = useStore()
  const { lang } = useWords()
  return (
    <Deed
      id="drain"
      title={NETWORK.drain}
      done={NETWORK.drained}
      isGrave
      fields={[{ name: 'reason', label: TEXTS.reason }]}
      act={async ({ reason = '' }) => {
        const { institutions } = await store.call('post', '/v1/edges/{id}/drain', { path: { id }, body: { reason } })
        return drainSaid(lang, institutions.length, institutions.filter(({ others }) => others.length === 0).length)
      }}
      undo={() => () => store.call('delete', '/v1/edges/{id}/drain', { path: { id } })}
    />
  )
}
