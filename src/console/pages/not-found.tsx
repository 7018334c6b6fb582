// Nothing stands at this address.

import { definePage } from '../page.js'
import { useWords } from '../store.js'
import { TEXTS } from '../words/texts.js'

function NotFound() {
  const { say } = useWords()
  return (
    <>
      <h1>{say(TEXTS.notThere)}</h1>
      <p>
        <a href="/">{say(TEXTS.backToOverview)}</a>
      </p>
    </>
  )
}

export const page = definePage({ load: async () => ({}), View: NotFound })
