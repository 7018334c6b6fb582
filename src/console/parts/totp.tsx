// An authenticator for whoever is signed in, or has to have one first: its secret is shown, and its first code proves
// that it was taken.

import { useState } from 'preact/hooks'
import { turning } from '../page-turn.js'
import { useStore, useWords } from '../store.js'
import { welcome } from '../welcome.js'
import { PERSON } from '../words/person-texts.js'
import { InPersonDeed } from './in-person.js'

export function AddTotp() {
  const store = useStore()
  const { say } = useWords()
  const [begun, setBegun] = useState<{ readonly secret: string; readonly uri: string } | null>(null)
  if (begun === null)
    return (
      <InPersonDeed
        id="add-totp"
        title={PERSON.addTotp}
        done={PERSON.totpHow}
        fields={[]}
        act={async () => setBegun(await store.call('post', '/v1/me/factors/totp', {}))}
      />
    )
  const confirm = async (event: Event): Promise<void> => {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get('code') ?? '').trim()
    try {
      const made = await turning(store.call('post', '/v1/me/factors/totp/confirm', { body: { code } }))
      store.codes.value = made.recoveryCodes
      setBegun(null)
      await welcome(store, await store.call('get', '/v1/me', {}))
    } catch (error) {
      store.complain(error)
    }
  }
  return (
    <form method="post" class="card tall" id="confirm-totp" onSubmit={(event) => void confirm(event)}>
      <p>{say(PERSON.totpHow)}</p>
      <p class="raw">
        <a href={begun.uri} target="_self">
          {begun.secret}
        </a>
      </p>
      <label for="totp-code">{say(PERSON.firstCode)}</label>
      <input id="totp-code" name="code" inputMode="numeric" autocomplete="one-time-code" required maxLength={40} />
      <div class="buttons">
        <button type="submit" class="main">
          {say(PERSON.confirmTotp)}
        </button>
      </div>
    </form>
  )
}
