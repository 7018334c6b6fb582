// What stands around every page: the bar on top and the way to each page.

import { useState } from 'preact/hooks'
import { Refused } from '../call.js'
import { homeFor } from '../home.js'
import { placesFor } from '../routes.js'
import { useStore, useWords } from '../store.js'
import { leave } from '../welcome.js'
import { TEXTS } from '../words/texts.js'
import { later } from './later.js'

const AddPasskey = later(async () => (await import('./passkey.js')).AddPasskey)

export function Bar() {
  const store = useStore()
  const { say, lang } = useWords()
  const status = store.status.value
  const me = store.me.value
  const isIn = me !== null && me.lacks === null
  return (
    <header class="bar">
      <a class="brand" href={homeFor(me?.roles ?? [])}>
        Mizani <small>{isIn ? (status?.name[lang] ?? '') : ''}</small>
      </a>
      {isIn && store.looksAround && (
        <button type="button" id="find" class="find" onClick={() => store.lay('palette')}>
          {say(TEXTS.find)} <kbd>Ctrl K</kbd>
        </button>
      )}
      {isIn && <Live />}
      <nav class="person" aria-label={say(TEXTS.account)}>
        {me !== null && <Who />}
        <a id="lang" class="button" href={lang === 'en' ? '?lang=sw' : '?lang=en'} lang={lang === 'en' ? 'sw' : 'en'}>
          {say(TEXTS.otherLanguage)}
        </a>
      </nav>
    </header>
  )
}

/** That it is fresh, and of when; while it is not, the page says so in words. */
function Live() {
  const { status, silence } = useStore()
  const { live } = useWords()
  const at = status.value?.at
  if (at === undefined) return null
  return <span class={silence.value === null ? 'live' : 'live old'}>{live(at)}</span>
}

function Who() {
  const store = useStore()
  const { say, who, role } = useWords()
  const [isOpen, setOpen] = useState(false)
  const me = store.me.value!
  const signOut = async (): Promise<void> => {
    try {
      await store.call('delete', '/v1/session', {})
    } catch (error) {
      // It may be over already; otherwise it goes on, and whoever reads is still in.
      if (!(error instanceof Refused) || error.status !== 401) return store.complain(error)
    }
    leave(store, 'signedOut')
  }
  return (
    <details class="menu" onToggle={({ currentTarget: { open } }) => setOpen(open)}>
      <summary>
        <span id="who">{who(me, role)}</span>
      </summary>
      <div>
        {isOpen && me.lacks === null && <AddPasskey />}
        <button type="button" id="show-keys" onClick={() => store.lay('keys')}>
          {say(TEXTS.keys)}
        </button>
        <button type="button" id="sign-out" onClick={signOut}>
          {say(TEXTS.signOut)}
        </button>
      </div>
    </details>
  )
}

export function Navigation() {
  const { shown, status, me, looksAround } = useStore()
  const { say, alarmCount } = useWords()
  const path = shown.value.address.whole.split('?', 1)[0]!
  const isHere = (address: string): boolean => (address === '/' ? path === '/' : path.startsWith(address))
  const alarms = status.value?.alarms.length ?? 0
  return (
    <nav class="pages" aria-label={say(TEXTS.mainPages)}>
      <ul>
        {placesFor(me.value?.roles ?? []).map(({ pattern: address, title }) => (
          <li key={address}>
            <a
              href={address}
              aria-current={isHere(address) ? 'page' : undefined}
              class={address === '/emergency' ? 'emergency' : undefined}
            >
              {say(title)}
              {address === '/' && alarms > 0 && <span class="count">{alarmCount(alarms)}</span>}
            </a>
          </li>
        ))}
      </ul>
      {looksAround && (
        <p>
          <a href="/docs" target="_blank" rel="noreferrer">
            {say(TEXTS.docs)}
          </a>
        </p>
      )}
    </nav>
  )
}
