// A router that a person configures: its text to be read and typed in, and then the word that it is in force. What the
// router shows may be held against it; sites that the text leaves out are named one by one by whoever says so.

import { useState } from 'preact/hooks'
import type { Schema } from '../call.js'
import { useStore, useWords } from '../store.js'
import { NETWORK } from '../words/network-texts.js'
import { useReady } from './ready.js'

/** As the API takes it where nobody says otherwise. */
const PORT = 'GigabitEthernet0/0/0'

export function EdgeText({ id }: { readonly id: string }) {
  const store = useStore()
  const { say } = useWords()
  const [port, setPort] = useState(PORT)
  const [text, setText] = useState<Schema['RenderedEdge'] | null>(null)
  const isReady = useReady()
  const show = (event: Event): void => {
    event.preventDefault()
    store
      .call('get', '/v1/edges/{id}/rendered', { path: { id }, query: { for: 'ios-xe', port } })
      .then(setText, (error: unknown) => store.complain(error))
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
      {text !== null && <Confirm key={`${port} ${text.revision}`} id={id} port={port} text={text} />}
    </section>
  )
}

/** To be pasted at the router. A browser copies for a page that comes over TLS, or from the machine itself. */
function Copy({ text }: { readonly text: string }) {
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
      <button type="button" id="copy-text" onClick={() => void copy()}>
        {say(NETWORK.copy)}
      </button>
    </p>
  )
}

function Confirm({ id, port, text }: { id: string; port: string; text: Schema['RenderedEdge'] }) {
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
      <pre class="raw">{text.text}</pre>
      <Copy text={text.text} />
      {text.left.length > 0 && <p class="warn">{say(NETWORK.leftOut)}</p>}
      {text.left.map((why) => (
        <label key={why}>
          <input type="checkbox" name="left" value={why.split(':', 1)[0]} required /> {why}
        </label>
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
