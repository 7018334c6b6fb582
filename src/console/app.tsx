// The console as a whole: the bar, the way to each page, what is said, and the page itself.

import { useComputed } from '@preact/signals'
import { homeFor } from './home.js'
import { later } from './parts/later.js'
import { Palette } from './parts/palette.js'
import { keepPlace } from './parts/place.js'
import { useReady } from './parts/ready.js'
import { Bar, Navigation } from './parts/shell.js'
import { useStore, useWords } from './store.js'
import { TEXTS } from './words/texts.js'

const KeyList = later(async () => (await import('./parts/key-list.js')).KeyList)
const KeptCodes = later(async () => (await import('./parts/passkey.js')).KeptCodes)

export function App() {
  const store = useStore()
  const { say } = useWords()
  const me = store.me.value
  const isIn = me !== null && me.lacks === null
  const Entrance = store.entrance.value
  const isDemo = useComputed(() => store.status.value?.demo === true)
  const problem = useComputed(() => store.shown.value.problem).value
  return (
    <>
      <a class="skip" href="#main">
        {say(TEXTS.skip)}
      </a>
      {isIn && isDemo.value && (
        <aside id="demo" class="demo">
          <strong>DEMO</strong> {say(TEXTS.demo)}
        </aside>
      )}
      <Bar />
      <div class={isIn ? 'body' : 'body alone'}>
        {isIn && <Navigation />}
        <main id="main" tabIndex={-1}>
          <Silence />
          <Notice />
          {store.codes.value.length > 0 && <KeptCodes />}
          {isIn ? (
            <PageShown />
          ) : me === null && problem !== null ? (
            <Problem code={problem} />
          ) : (
            Entrance !== null && <Entrance />
          )}
        </main>
      </div>
      {store.overlay.value === 'palette' && <Palette />}
      {store.overlay.value === 'keys' && <KeyList />}
    </>
  )
}

function PageShown() {
  const { shown } = useStore()
  const { page, address, data, problem } = shown.value
  return (
    // What was typed, opened or tried on one page is no other's, of the same kind neither.
    <div id="board" key={address.whole.split('?', 1)[0]}>
      {problem === null && data !== null ? page.draw(data, address) : <Problem code={problem ?? 'NOT_READY'} />}
    </div>
  )
}

/** Why a page cannot be shown, and what to do about it. */
function Problem({ code }: { readonly code: string }) {
  const { me } = useStore()
  const { say, problem } = useWords()
  const known = { FORBIDDEN: TEXTS.noRights, NOT_FOUND: TEXTS.notThere, NOT_READY: TEXTS.notReady } as const
  const home = homeFor(me.value?.roles ?? [])
  const text = code in known ? say(known[code as keyof typeof known]) : problem(code)
  return (
    <>
      <h1>{text}</h1>
      <p>
        {/* Who somebody is stands in the page as the server writes it. */}
        <a href={home} target={me.value === null ? '_self' : undefined}>
          {say(home === '/' ? TEXTS.backToOverview : TEXTS.mine)}
        </a>
      </p>
    </>
  )
}

/** How old the data is, where it should be younger; a screen reader is told once, not each second. */
function Silence() {
  const { silence } = useStore()
  const { say, silence: said } = useWords()
  const seconds = silence.value
  return (
    <>
      <p class="visually-hidden" role="status">
        {seconds === null ? '' : say(TEXTS.away)}
      </p>
      {seconds !== null && (
        <p id="silence" class="notice bad">
          {said(seconds)}
        </p>
      )}
    </>
  )
}

/** What was done, or why not. */
function Notice() {
  const store = useStore()
  const { notice } = store
  const { say } = useWords()
  const said = notice.value
  // A region that is there before it has a text is read when it gets one.
  const isThere = useReady()
  return (
    <div role="status" class={said === null ? '' : said.bad ? 'notice bad' : 'notice'}>
      <span id="notice">{said?.text ?? ''}</span>
      {isThere && said !== null && said.undo !== null && (
        <button type="button" id="undo" onClick={() => void store.undo().finally(keepPlace)}>
          {say(TEXTS.undo)}
        </button>
      )}
      {isThere && said !== null && (
        <button type="button" class="plain" aria-label={say(TEXTS.close)} onClick={store.hush}>
          ×
        </button>
      )}
    </div>
  )
}
