// Keys from everywhere: Ctrl+K finds, and letters one after the other go to a page. Letters do nothing where somebody
// writes, and can be switched off (WCAG 2.1.4).

import { readKeys } from './browser.js'
import { after } from './clock.js'
import { placesFor } from './routes.js'
import type { Store } from './store.js'

/** Two letters belong together within this time. */
const TOGETHER = 1_500

export function listenForKeys(store: Store): void {
  let typed = ''
  let forget: () => void = () => undefined
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault()
      if (store.looksAround) store.overlay.value = 'palette'
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || !readKeys()) return
    const me = store.me.value
    if (store.overlay.value !== null || me?.lacks !== null) return
    if (event.key === '/' || event.key === '?') {
      event.preventDefault()
      if (event.key === '?') store.overlay.value = 'keys'
      else if (store.looksAround) store.overlay.value = 'palette'
      return
    }
    if (event.key.length !== 1) return
    forget()
    typed = (typed + event.key.toLowerCase()).slice(-2)
    forget = after(TOGETHER, () => {
      typed = ''
    })
    const known = placesFor(me.roles).find(({ keys }) => keys === typed)
    if (known === undefined) return
    typed = ''
    event.preventDefault()
    store.go(known.pattern)
  })
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
