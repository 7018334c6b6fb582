// What a person decides when the policy store has lost something: what the controller knows goes on, or what the store
// holds. Until then what is known holds.

import { useStore } from '../store.js'
import { TEXTS } from '../words/texts.js'
import { WATCH } from '../words/watch-texts.js'
import { Deed } from './deed.js'
import { InPersonDeed } from './in-person.js'

export function StoreLoss() {
  const { may, call } = useStore()
  const fields = [{ name: 'reason', label: TEXTS.reason }]
  return (
    <p class="row">
      {may('operator') && (
        <Deed
          title={WATCH.keepKnown}
          done={WATCH.keptKnown}
          fields={fields}
          act={({ reason = '' }) => call('post', '/v1/policy/store/keep', { body: { reason } })}
        />
      )}
      {may('approver') && (
        <InPersonDeed
          isGrave
          title={WATCH.takeStored}
          done={WATCH.tookStored}
          fields={fields}
          act={({ reason = '' }) => call('post', '/v1/policy/store/take', { body: { reason } })}
        />
      )}
    </p>
  )
}
