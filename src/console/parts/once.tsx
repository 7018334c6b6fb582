// A secret that is shown this once: a token, a password for an envelope.

import { useWords } from '../store.js'
import { PEOPLE } from '../words/people-texts.js'

export function ShownOnce({ secret, forget }: { readonly secret: string | null; forget(): void }) {
  const { say } = useWords()
  if (secret === null) return null
  return (
    <section class="card" role="status">
      <p>{say(PEOPLE.madeOnce)}</p>
      <pre class="raw" id="secret">
        {secret}
      </pre>
      <button type="button" onClick={forget}>
        {say(PEOPLE.copied)}
      </button>
    </section>
  )
}
