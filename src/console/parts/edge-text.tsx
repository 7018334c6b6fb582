// A router that a person configures: its text to be read and typed in, or what differs from the one that was said to be
// in force, and then the word that it is. What the router shows may be held against it; sites that the text leaves out
// are named one by one by whoever says so.

import { useState } from 'preact/hooks'
import { ifThere, type Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { differenceSaid, LEFT_OUT, NETWORK } from '../words/network-texts.js'
import type { Text } from '../words/texts.js'
import { useReady } from './ready.js'

/** As the API takes it where nobody says otherwise. */
const PORT = 'GigabitEthernet0/0/0'

interface Texts {
  readonly whole: Schema['RenderedEdge']
  /** What differs from what was confirmed last; null: nobody has confirmed anything, or an older text is gone. */
  readonly difference: Schema['RenderedEdge'] | null
}

/** @param confirmed the revision of which somebody has said that it is in force; null: nobody has */
export function EdgeText({ id, confirmed }: { readonly id: string; readonly confirmed: number | null }) {
  const store = useStore()
  const { say } = useWords()
  const [port, setPort] = useState(PORT)
  const [text, setText] = useState<Texts | null>(null)
  const isReady = useReady()
  const show = (event: Event): void => {
    event.preventDefault()
    const read = (since?: number) =>
      store.call('get', '/v1/edges/{id}/rendered', { path: { id }, query: { for: 'ios-xe', port, since } })
    Promise.all([read(), confirmed === null ? null : ifThere(read(confirmed))]).then(
      ([whole, difference]) => setText({ whole, difference }),
      (error: unknown) => store.complain(error),
    )
  }
  return (
    <section id="edge-text">
      <h2>{say(NETWORK.edgeText)}</h2>
      <p class="quiet">{say(NETWORK.edgeTextHow)}</p>
      <form method="post" class="row" onSubmit={show}>
        <label>
          {say(NETWORK.towards)}
          <input value={port} maxLength={63} required onInput={({ currentTarget: { value } }) => setPort(value)} />
        </label>
        <button type="submit" disabled={!isReady}>
          {say(NETWORK.showText)}
        </button>
      </form>
      {text !== null && <Confirm key={`${port} ${text.whole.revision} ${confirmed}`} id={id} port={port} {...text} />}
    </section>
  )
}

/** To be pasted at the router. A browser copies for a page that comes over TLS, or from the machine itself. */
function Copy({ id, label, text }: { readonly id: string; readonly label: Text; readonly text: string }) {
  const store = useStore()
  const { say } = useWords()
  const isReady = useReady()
  if (!isReady || !isSecureContext) return null
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text)
      store.say(say(NETWORK.copied))
    } catch {
      // Whoever looks has not allowed it: it stands there to be marked.
      store.say(say(NETWORK.notCopied), true)
    }
  }
  return (
    <p>
      <button type="button" id={id} onClick={() => void copy()}>
        {say(label)}
      </button>
    </p>
  )
}

/** For a router that has what was confirmed: less to paste, and less to read. */
function Difference({ since, text }: Pick<Schema['RenderedEdge'], 'since' | 'text'>) {
  const { say, lang } = useWords()
  if (text === '') return <p>{say(NETWORK.nothingDiffers)}</p>
  return (
    <>
      <h3>{differenceSaid(lang, since!)}</h3>
      <pre class="raw" id="edge-difference">
        {text}
      </pre>
      <Copy id="copy-difference" label={NETWORK.copyDifference} text={text} />
    </>
  )
}

function Confirm({ id, port, whole: text, difference }: Texts & { readonly id: string; readonly port: string }) {
  const store = useStore()
  const { say } = useWords()
  const confirm = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const said = new FormData(event.currentTarget as HTMLFormElement)
    const running = String(said.get('running') ?? '').trim() || null
    const leftOut = said.getAll('left').map(String)
    try {
      const body = { revision: text.revision, port, leftOut, running }
      await store.call('post', '/v1/edges/{id}/confirm', { path: { id }, body })
      store.say(say(NETWORK.textConfirmed))
      await store.refresh()
    } catch (error) {
      store.complain(error)
    }
  }
  return (
    <form method="post" class="card" onSubmit={(event) => void confirm(event)}>
      {difference !== null && <Difference {...difference} />}
      {difference !== null && <h3>{say(NETWORK.wholeText)}</h3>}
      <pre class="raw" id="edge-whole">
        {text.text}
      </pre>
      <Copy id="copy-text" label={NETWORK.copy} text={text.text} />
      {text.leftOut.length > 0 && <p class="warn">{say(NETWORK.leftOut)}</p>}
      {text.leftOut.map(({ site, code }) => (
        <div key={site}>
          <label>
            <input type="checkbox" name="left" value={site} required /> {site}: {say(LEFT_OUT[code])}
          </label>
        </div>
      ))}
      <label>
        {say(NETWORK.running)}
        <textarea class="code" name="running" rows={6} spellcheck={false} />
      </label>
      <button type="submit" class="danger">
        {say(NETWORK.confirmText)} {text.revision}
      </button>
    </form>
  )
}
