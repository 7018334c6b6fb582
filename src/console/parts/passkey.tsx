// A passkey for whoever is signed in, and the codes for the day it is lost, which are shown once.

import { useEffect, useState } from 'preact/hooks'
import { Refused } from '../call.js'
import { addPasskey, takesPasskeys } from '../factors.js'
import { useStore, useWords } from '../store.js'
import { welcome } from '../welcome.js'
import { PERSON } from '../words/person-texts.js'

export function AddPasskey() {
  const store = useStore()
  const { say } = useWords()
  const [canBe, setCanBe] = useState(false)
  useEffect(() => setCanBe(takesPasskeys()), [])
  if (!canBe || store.me.value?.person !== true) return null
  const add = async (): Promise<void> => {
    try {
      store.codes.value = await addPasskey(store.call)
      await welcome(store, await store.call('get', '/v1/me', {}))
    } catch (error) {
      // The API says why not; what a browser says of it is of no use to a person.
      if (error instanceof Refused) store.complain(error)
      else store.say(say(PERSON.noPasskey), true)
    }
  }
  return (
    <button id="add-passkey" type="button" onClick={() => void add()}>
      {say(PERSON.addPasskey)}
    </button>
  )
}

export function KeptCodes() {
  const { codes } = useStore()
  const { say } = useWords()
  const forget = (): void => {
    codes.value = []
  }
  return (
    <section id="kept-codes" class="card">
      <p>{say(PERSON.keepCodes)}</p>
      <pre id="codes">{codes.value.join('\n')}</pre>
      <button type="button" onClick={forget}>
        {say(PERSON.codesKept)}
      </button>
    </section>
  )
}
