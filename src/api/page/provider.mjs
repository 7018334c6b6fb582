// Where a provider sends the browser back to: passes on what it brings, and goes on to the page itself. Why somebody is
// not let in is said by the API; the page says it in the reader's language as far as it can.

import { readLang } from './messages.mjs'
import { backWords } from './provider-words.mjs'

const lang = readLang()
const words = backWords(lang)
const byId = (id) => document.getElementById(id)
document.documentElement.lang = lang
byId('notice').textContent = words.wait
byId('back').textContent = words.back

// Out of the address bar and the history before anything else: it lets somebody in.
const query = location.search.slice(1)
history.replaceState(null, '', location.pathname)

try {
  const answer = await fetch('v1/session/provider/return', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-language': lang },
    credentials: 'same-origin',
    body: JSON.stringify({ query }),
  })
  if (answer.ok) location.replace('./')
  else {
    const { code, detail } = await answer.json()
    byId('notice').textContent = `${words[code] ?? words.refused} ${detail}`
    byId('back').hidden = false
  }
} catch {
  byId('notice').textContent = words.refused
  byId('back').hidden = false
}
