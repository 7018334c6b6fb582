// Where a provider sends the browser back to: passes on what it brings, and goes on to the console itself. Why somebody
// is not let in is said by the API; the page says it in the reader's language as far as it can.

import { useEffect, useState } from 'preact/hooks'
import { type Me, Refused } from '../call.js'
import { useStore, useWords } from '../store.js'
import { PERSON } from '../words/person-texts.js'
import { TEXTS } from '../words/texts.js'

export function BackFromProvider({ welcome }: { welcome(me: Me): Promise<void> }) {
  const store = useStore()
  const { say } = useWords()
  const [isRefused, setRefused] = useState(false)
  useEffect(() => {
    // Out of the address bar and the history before anything else: it lets somebody in.
    const query = location.search.slice(1)
    history.replaceState(null, '', location.pathname)
    const back = store.call('post', '/v1/session/provider/return', { body: { query } })
    back
      .then((me) => {
        history.replaceState(null, '', '/')
        return welcome(me)
      })
      .catch((error: unknown) => {
        setRefused(true)
        store.say(why(error), true)
      })
  }, [])
  const why = (error: unknown): string => {
    if (!(error instanceof Refused)) return say(PERSON.providerRefused)
    const known = { FORBIDDEN: PERSON.providerForbids, PROVIDER_UNAVAILABLE: PERSON.providerAway } as const
    const text = say(error.code in known ? known[error.code as keyof typeof known] : PERSON.providerRefused)
    return `${text} ${error.detail}`
  }
  return (
    <>
      <h1>{say(PERSON.signIn)}</h1>
      {isRefused ? (
        <p>
          <a id="back" href="/" target="_self">
            {say(TEXTS.backToOverview)}
          </a>
        </p>
      ) : (
        <p role="status">{say(PERSON.wait)}</p>
      )}
    </>
  )
}
