// What a person does in person: within some minutes of having shown their second factor. Whoever signed in earlier
// shows it once more, here, and what they were about to do is done.

import { now } from '../clock.js'
import { enterByPasskey } from '../factors.js'
import { useStore, useWords } from '../store.js'
import { POLICY } from '../words/policy-texts.js'
import { Deed, type DeedProps } from './deed.js'

/** Less than the server allows, so that there is time to write a reason. */
const FRESH = 8 * 60_000

export function InPersonDeed({ fields, act, ...rest }: DeedProps) {
  const store = useStore()
  const { say } = useWords()
  const { factor = null } = store.me.value ?? {}
  const isFresh = factor === null || now() - Date.parse(factor.at) < FRESH
  const byCode = !isFresh && factor.kind !== 'passkey'
  return (
    <>
      <Deed
        {...rest}
        fields={byCode ? [...fields, { name: 'code', label: POLICY.codeAgain }] : fields}
        act={async (values) => {
          const { code = '', ...others } = values
          if (byCode) store.me.value = await store.call('post', '/v1/session/factor', { body: { code } })
          else if (!isFresh) store.me.value = await enterByPasskey(store.call)
          return act(others)
        }}
      />
      {!isFresh && <small>{say(POLICY.inPerson)}</small>}
    </>
  )
}
