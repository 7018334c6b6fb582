// The start page shows what the API says, once a second while somebody looks. Rows are changed in place, so that
// neither the focus nor a screen reader's place is lost; the next round begins a second after the last one ended, so
// that a slow line is never flooded.

import { call, everyPage, Refused } from './call.mjs'
import { LACKING, listenForFactors, takesPasskeys } from './factor.mjs'
import { keepFirst, messages, rate, readFirst, readLang } from './messages.mjs'
import { offerProvider } from './provider-button.mjs'

const PAGE_SIZE = 50
const byId = (id) => document.getElementById(id)
const state = {
  lang: readLang(),
  /** Tokens of the pages before this one; the last is this page's own. */
  tokens: [''],
  next: null,
  services: '',
  explained: null,
  status: null,
  me: null,
  /** Secret of the link for the first sign-in, as long as it is not spent. */
  first: null,
}
let words = messages(state.lang)
let timer
/** Counts the rounds that were asked for: an answer to an older question is not shown. */
let round = 0

// ---- words

function applyLang() {
  words = messages(state.lang)
  document.documentElement.lang = state.lang
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = words.text(element.dataset.text)
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', words.text(element.dataset.label))
  }
  setText(byId('who'), words.who(state.me))
  const other = state.lang === 'en' ? 'sw' : 'en'
  byId('lang').textContent = other === 'sw' ? 'Kiswahili' : 'English'
  byId('lang').lang = other
  const chosen = byId('limited').value
  byId('limited').replaceChildren(
    new Option(words.text('anyLimit'), ''),
    ...words.limitCodes.map(([code, text]) => new Option(text, code)),
  )
  byId('limited').value = chosen
}

// ---- tables

/** Makes the rows of a table body those of `rows`, reusing the element of each key. */
function fill(body, rows, make, update) {
  const kept = new Map([...body.children].map((row) => [row.dataset.key, row]))
  const wanted = rows.map((row) => {
    const element = kept.get(row.key) ?? make(row)
    element.dataset.key = row.key
    update(element, row)
    return element
  })
  const same = wanted.length === body.children.length && wanted.every((row, i) => row === body.children[i])
  if (!same) body.replaceChildren(...wanted)
}

const setText = (element, text) => void (element.textContent === text || element.replaceChildren(text))

function makeRow(columns, head = (cell) => cell) {
  const row = document.createElement('tr')
  columns.forEach((className, i) => {
    const cell = document.createElement(i === 0 ? 'th' : 'td')
    if (i === 0) cell.scope = 'row'
    if (className !== '') cell.className = className
    row.append(i === 0 ? head(cell) : cell)
  })
  return row
}

const INSTITUTION_COLUMNS = ['', 'number', 'number', 'number', 'number', 'number', 'number', '']

function institutionRow() {
  return makeRow(INSTITUTION_COLUMNS, (cell) => {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'name'
    cell.append(button)
    return cell
  })
}

function showInstitutions({ items, nextPageToken }) {
  state.next = nextPageToken
  const service = byId('service').value
  const direction = byId('direction').value
  const rows = items.map((item) => ({
    key: item.id,
    name: item.name[state.lang],
    flow: item.flows.find((flow) => flow.service === service && flow.direction === direction),
  }))
  fill(byId('institutions'), rows, institutionRow, (element, { name, flow }) => {
    setText(element.firstChild.firstChild, name)
    const amounts = flow
      ? [flow.demand, flow.need, flow.rate, flow.applied, flow.arrived, flow.carried]
      : new Array(6).fill(null)
    amounts.forEach((amount, i) => {
      setText(element.children[i + 1], rate(amount))
    })
    const limit = element.children[7]
    setText(limit, flow ? words.limit(flow.limitedBy) : '–')
    const below = flow && flow.need < Math.min(flow.demand, flow.guarantee) - 1000
    limit.className = below ? 'bad' : flow && flow.unmet > 0 ? 'warn' : ''
  })
  const first = (state.tokens.length - 1) * PAGE_SIZE + 1
  setText(byId('page'), words.page(first, first + items.length - 1))
  byId('previous').disabled = state.tokens.length === 1
  byId('next').disabled = nextPageToken === null
}

function showServices({ services }) {
  const ids = services.map(({ id }) => id).join(' ')
  if (ids === state.services) return
  state.services = ids
  const chosen = byId('service').value
  byId('service').replaceChildren(...services.map(({ id, name }) => new Option(name[state.lang], id)))
  if (services.some(({ id }) => id === chosen)) byId('service').value = chosen
}

function showLinks(items) {
  const rows = items.map((link) => ({ key: link.id, link }))
  const make = () => {
    const row = makeRow(['', '', 'number', 'number', 'number', '', 'number', ''])
    row.children[5].append(document.createElement('meter'), document.createElement('span'))
    return row
  }
  fill(byId('links'), rows, make, ({ children: cells }, { link }) => {
    setText(cells[0], link.id)
    setText(cells[1], `${link.from} → ${link.to}`)
    setText(cells[2], rate(link.usable))
    setText(cells[3], rate(link.needLoad))
    setText(cells[4], rate(link.carried))
    const [meter, percent] = cells[5].children
    const share = link.usable === 0 ? 0 : link.needLoad / link.usable
    meter.value = Math.min(1, share)
    setText(percent, ` ${Math.round(share * 100)} %`)
    meter.setAttribute('aria-label', percent.textContent)
    setText(cells[6], link.unmet > 0 ? rate(link.unmet) : '–')
    cells[6].className = link.unmet > 0 ? 'number warn' : 'number'
    setText(cells[7], words.state(link.state))
    cells[7].className = link.state === 'up' ? '' : 'bad'
  })
}

function showEdges(items) {
  const rows = items.map((edge) => ({ key: edge.id, edge }))
  const make = () => makeRow(['', '', '', '', 'number', 'number', '', ''])
  fill(byId('edges'), rows, make, ({ children: cells }, { edge }) => {
    setText(cells[0], `${edge.name[state.lang]} (${edge.id})`)
    setText(cells[1], edge.region)
    setText(cells[2], words.state(edge.state))
    cells[2].className = edge.state === 'FRESH' ? '' : 'bad'
    setText(cells[3], words.state(edge.enforcement))
    cells[3].className = edge.enforcement === 'enforce' ? '' : 'warn'
    setText(cells[4], String(edge.lag))
    setText(cells[5], edge.leaseLeftMs === null ? '–' : `${Math.max(0, Math.round(edge.leaseLeftMs / 1000))} s`)
    setText(cells[6], edge.driver === null ? '–' : words.state(edge.driver))
    setText(cells[7], edge.refusal === null ? '–' : `${edge.refusal.code}: ${edge.refusal.detail}`)
  })
}

function showStatus(status) {
  state.status = status
  byId('demo').hidden = !status.demo
  setText(byId('plane'), status.name[state.lang])
  setText(byId('sentence'), words.sentence(status))
  setText(byId('tick'), words.tick(status))
  const inForce = words.inForce(status)
  byId('in-force').hidden = inForce === ''
  setText(byId('in-force'), inForce)
  showAlarms(status)
  document.title = `Mizani · ${status.plane}${status.demo ? ' · DEMO' : ''}`
}

/** What is wrong, each with what to do; nothing where all is well. */
function showAlarms({ alarms, timezone }) {
  const make = () => {
    const item = document.createElement('li')
    for (const name of ['strong', 'span', 'small']) item.append(document.createElement(name), ' ')
    return item
  }
  const rank = ({ severity }) => ['critical', 'major', 'minor'].indexOf(severity)
  const rows = [...alarms].sort((a, b) => rank(a) - rank(b)).map((alarm) => ({ key: alarm.id, alarm }))
  fill(byId('alarms'), rows, make, ({ children: [severity, detail, remedy] }, { alarm }) => {
    severity.className = alarm.gone !== null ? '' : alarm.severity === 'minor' ? 'warn' : 'bad'
    setText(severity, alarm.gone === null ? words.state(alarm.severity) : words.text('waitsToEnd'))
    setText(detail, alarm.detail[state.lang])
    setText(remedy, words.alarm(alarm, timezone))
  })
}

// ---- why

async function explain(id, { focus = false } = {}) {
  const query = new URLSearchParams({
    service: byId('service').value,
    direction: byId('direction').value,
    lang: state.lang,
  })
  state.explained = id
  try {
    const why = await call(`/v1/institutions/${encodeURIComponent(id)}/explain?${query}`)
    if (state.explained !== id) return
    byId('why').hidden = false
    setText(byId('why-title'), `${why.name[state.lang]} · ${why.service} · ${words.text(why.direction)}`)
    setText(byId('why-en'), why.sentence.en)
    setText(byId('why-sw'), why.sentence.sw)
    const steps = why.steps.map((step) => step[state.lang])
    fill(
      byId('why-steps'),
      steps.map((text, i) => ({ key: String(i), text })),
      () => document.createElement('li'),
      (element, { text }) => setText(element, text),
    )
    setText(byId('why-lifting'), why.lifting[state.lang])
    if (focus) byId('why').focus()
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 404) throw error
    closeWhy()
  }
}

function closeWhy() {
  state.explained = null
  byId('why').hidden = true
}

// ---- the loop

async function refresh() {
  clearTimeout(timer)
  const mine = ++round
  try {
    const query = new URLSearchParams({ pageSize: String(PAGE_SIZE) })
    const filters = { q: byId('q').value.trim(), limitedBy: byId('limited').value, pageToken: state.tokens.at(-1) }
    for (const [name, value] of Object.entries(filters)) if (value !== '') query.set(name, value)
    const [status, institutions, links, edges] = await Promise.all([
      call('/v1/status'),
      call(`/v1/institutions?${query}`),
      isOpen('links') ? everyPage('/v1/links', '&except=access') : null,
      isOpen('edges') ? everyPage('/v1/edges') : null,
    ])
    if (mine !== round) return
    showStatus(status)
    showServices(status)
    showInstitutions(institutions)
    if (links !== null) showLinks(links)
    if (edges !== null) showEdges(edges)
    if (state.explained !== null) await explain(state.explained)
    setText(byId('notice'), '')
    byId('board').hidden = false
  } catch (error) {
    if (mine !== round) return
    if (error instanceof Refused && error.status === 401) return askToSignIn()
    setText(byId('notice'), words.text('away'))
  }
  if (mine === round && !document.hidden) timer = setTimeout(refresh, 1000)
}

const isOpen = (id) => byId(id).closest('details').open

function fromFirstPage() {
  state.tokens = ['']
  refresh()
}

// ---- signing in and out

function askToSignIn(message = '') {
  clearTimeout(timer)
  round++
  byId('board').hidden = true
  for (const id of ['sign-out', 'add-passkey', 'factor']) byId(id).hidden = true
  byId('by-passkey').hidden = !takesPasskeys
  state.me = null
  setText(byId('notice'), message)
  byId('sign-in').hidden = false
  // With the first link the same form makes the first administrator.
  const isFirst = state.first !== null
  byId('sign-in-title').dataset.text = isFirst ? 'first' : 'signIn'
  byId('sign-in-how').dataset.text = isFirst ? 'firstHow' : 'signInHow'
  byId('with-token').hidden = isFirst
  for (const id of ['once-more', 'look-in']) byId(id).hidden = !isFirst
  offerProvider(byId('by-provider'), state.lang, (why) => askToSignIn(words.text(why)))
  byId('password').autocomplete = isFirst ? 'new-password' : 'current-password'
  applyLang()
  byId('user').focus()
}

function welcome(me) {
  state.first = keepFirst(null)
  byId('sign-in').hidden = true
  byId('sign-out').hidden = false
  byId('add-passkey').hidden = !takesPasskeys || !me.person || me.lacks === 'code' || me.lacks === 'password'
  state.me = me
  setText(byId('who'), words.who(me))
  setText(byId('notice'), me.lacks in LACKING ? words.text(LACKING[me.lacks]) : '')
  byId('factor').hidden = me.lacks !== 'code'
  if (me.lacks === 'code') byId('code').focus()
  if (me.lacks === null) refresh()
}

async function signIn(credential, refusal) {
  try {
    welcome(await call('/v1/session', { method: 'POST', body: credential }))
  } catch (error) {
    const status = error instanceof Refused ? error.status : 500
    const why = status === 400 ? 'tooEasy' : status === 429 ? 'tooOften' : status < 500 ? refusal : 'away'
    if (status === 401) state.first = keepFirst(null)
    askToSignIn(words.text(why))
  }
}

async function start() {
  applyLang()
  const first = /^#\/first\/([\w-]+)$/.exec(location.hash)?.[1] ?? readFirst()
  if (first !== null) {
    // Out of the address bar and the history before anything else: it is a secret.
    history.replaceState(null, '', location.pathname)
    state.first = keepFirst(first)
    return askToSignIn()
  }
  try {
    welcome(await call('/v1/me'))
  } catch {
    askToSignIn()
  }
}

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  const [user, token] = ['user', 'token'].map((id) => byId(id).value.trim())
  const password = byId('password').value
  const again = byId('again').value
  for (const id of ['password', 'again', 'token']) byId(id).value = ''
  // A slip in the first password would lock out the only administrator.
  if (state.first !== null && password !== again) askToSignIn(words.text('notTheSame'))
  else if (state.first !== null) signIn({ secret: state.first, user, password }, 'unknownLink')
  else signIn(token === '' ? { user, password } : { token }, 'unknownToken')
})
listenForFactors(byId, welcome, (why) => setText(byId('notice'), words.text(why)))
byId('look-in').addEventListener('click', () => signIn({ secret: state.first }, 'unknownLink'))
byId('sign-out').addEventListener('click', async () => {
  await call('/v1/session', { method: 'DELETE', body: {} }).catch(() => {}) // the session may be over already
  askToSignIn()
})
byId('lang').addEventListener('click', () => {
  state.lang = state.lang === 'en' ? 'sw' : 'en'
  try {
    localStorage.setItem('lang', state.lang)
  } catch {
    // Storage may be switched off: the choice lasts until the page is left.
  }
  applyLang()
  state.services = ''
  if (!byId('board').hidden) refresh()
})
byId('institutions').addEventListener('click', (event) => {
  const key = event.target.closest('tr')?.dataset.key
  if (key !== undefined) explain(key, { focus: true }).catch(() => setText(byId('notice'), words.text('away')))
})
byId('why-close').addEventListener('click', closeWhy)
byId('filters').addEventListener('submit', (event) => event.preventDefault())
byId('q').addEventListener('input', fromFirstPage)
byId('limited').addEventListener('change', fromFirstPage)
for (const id of ['service', 'direction']) byId(id).addEventListener('change', refresh)
for (const details of document.querySelectorAll('details')) {
  details.addEventListener('toggle', () => {
    if (details.open && !byId('board').hidden) refresh()
  })
}
byId('next').addEventListener('click', () => {
  if (state.next === null) return
  state.tokens.push(state.next)
  refresh()
})
byId('previous').addEventListener('click', () => {
  if (state.tokens.length > 1) state.tokens.pop()
  refresh()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !byId('board').hidden) refresh()
})
start()
