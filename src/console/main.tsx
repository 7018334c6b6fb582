// The console in a browser: takes over the page that the server has written, follows links without leaving it, and
// keeps it fresh.

import { effect } from '@preact/signals'
import { hydrate } from 'preact'
import { App } from './app.js'
import { fetched, keepLang, readLeft } from './browser.js'
import { Refused } from './call.js'
import { listenForKeys } from './keys.js'
import { Live } from './live.js'
import type { PageData } from './page-data.js'
import { findPage, isPage, placeAt } from './routes.js'
import { Store, StoreContext } from './store.js'
import { titleOf } from './title.js'
import { leave } from './welcome.js'
import { TEXTS } from './words/texts.js'

const data: PageData = JSON.parse(document.getElementById('page-data')!.textContent!)
const store = new Store(fetched, findPage, await findPage(data.address), data)
if (!isWhole(store)) await openEntrance()
const live = new Live(store, isOver)
const left = readLeft()
if (left !== null && store.me.value === null) store.say(store.words.value.say(TEXTS[left]), left === 'sessionOver')

function isOver(): void {
  if (store.me.value !== null) leave(store, 'sessionOver')
}

const isUnknown = (error: unknown): boolean => error instanceof Refused && error.status === 401

function isWhole({ me }: Store): boolean {
  return me.value?.lacks === null
}

/** Whoever is signed in needs it when they leave. */
async function openEntrance(): Promise<void> {
  const { SignIn } = await import('./pages/sign-in.js')
  store.entrance.value = SignIn
}

hydrate(
  <StoreContext.Provider value={store}>
    <App />
  </StoreContext.Provider>,
  document.getElementById('console')!,
)

effect(() => {
  document.title = titleOf(store)
})
// By itself: where a language is set, and be it the same, a browser works out the look of the whole page anew.
effect(() => {
  document.documentElement.lang = store.lang.value
})

/** Fresh as long as somebody is signed in, wholly. */
let isIn = false
effect(() => {
  const isNow = isWhole(store)
  if (isNow === isIn) return
  isIn = isNow
  if (isNow) live.start()
  else {
    live.stop()
    void openEntrance()
  }
})

async function go(address: string, keep: 'push' | 'replace' | 'none'): Promise<void> {
  const isSamePage = placeAt(address).place.pattern === store.shown.value.pattern
  if (keep === 'push') history.pushState(null, '', address)
  if (keep === 'replace') history.replaceState(null, '', address)
  try {
    if (!(await store.open(address))) return
    store.notice.value = null
    live.due()
  } catch (error) {
    if (isUnknown(error)) return isOver()
    store.complain(error)
  }
  if (isSamePage) return
  scrollTo(0, 0)
  document.getElementById('main')?.focus({ preventScroll: true })
}

store.go = (address, replace = false) => void go(address, replace ? 'replace' : 'push')

document.addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
  const link = (event.target as Element).closest('a[href]')
  if (link === null || link.hasAttribute('download') || link.hasAttribute('target')) return
  const url = new URL(link.getAttribute('href')!, location.href)
  if (url.origin !== location.origin || url.hash !== '') return
  const lang = url.searchParams.get('lang')
  if (lang === 'en' || lang === 'sw') {
    event.preventDefault()
    keepLang(lang)
    store.lang.value = lang
    return
  }
  if (!isPage(url.pathname)) return
  event.preventDefault()
  void go(url.pathname + url.search, 'push')
})
/** The file of a page is on its way before its link is pressed. */
function foresee({ target }: Event): void {
  const address = (target as Element).closest('a[href^="/"]')?.getAttribute('href')
  if (!address || !isPage(address)) return
  // Where the line is gone, pressing it says so.
  findPage(address).catch(() => undefined)
}

document.addEventListener('focusin', foresee)
document.addEventListener('pointerover', foresee)
addEventListener('popstate', () => void go(location.pathname + location.search, 'none'))
/** Another tab may have let in somebody else meanwhile. */
async function lookWho(): Promise<void> {
  if (document.hidden || !isWhole(store)) return
  try {
    const { actor } = await store.call('get', '/v1/me', {})
    if (actor !== store.me.value?.actor) isOver()
  } catch (error) {
    if (isUnknown(error)) isOver()
  }
}

document.addEventListener('visibilitychange', () => void lookWho())
listenForKeys(store)
// What is pressed is answered from here on; before, links alone work.
document.documentElement.dataset.live = ''
