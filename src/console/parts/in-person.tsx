// What a person does in person: within some minutes of having shown their second factor. Whoever signed in earlier
// shows it once more, here, and what they were about to do is done.

import { enterByPasskey } from '../factors.js'
import { useStore, useWords } from '../store.js'
import { IN_PERSON } from '../words/in-person-texts.js'
import { Deed, type DeedProps } from './deed.js'

/** Less than the server allows, so that there is time to write a reason. */
const FRESH = 8 * 60_000

export interface InPerson {
  readonly isFresh: boolean
  /** A code is to be typed; otherwise the browser asks for the passkey. */
  readonly byCode: boolean
  /** @throws Refused where it is not the code. */
  prove(code: string): Promise<void>
}

export function useInPerson(): InPerson {
  const store = useStore()
  const { factor = null } = store.me.value ?? {}
  const isFresh = factor === null || store.time() - Date.parse(factor.at) < FRESH
  const byCode = !isFresh && factor.kind !== 'passkey'
  return {
    ...{ isFresh, byCode },
    async prove(code) {
      if (byCode) store.me.value = await store.call('post', '/v1/session/factor', { body: { code } })
      else if (!isFresh) store.me.value = await enterByPasskey(store.call)
    },
  }
}

export function InPersonDeed({ fields, act, ...rest }: DeedProps) {
  const { say } = useWords()
  const { isFresh, byCode, prove } = useInPerson()
  return (
    <>
      <Deed
        {...rest}
        fields={byCode ? [...fields, { name: 'code', label: IN_PERSON.codeAgain }] : fields}
        act={async ({ code = '', ...others }) => {
          await prove(code)
          return act(others)
        }}
      />
      {!isFresh && <small>{say(IN_PERSON.how)}</small>}
    </>
  )
}
