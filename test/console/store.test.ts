// What a console keeps in a browser, without one: how old what is shown is, by a clock that the test moves; which page
// is shown when somebody goes on before it came, and when it is read anew; and what was written and not saved, where it
// belongs.

import { mock } from 'node:test'
import t from 'tap'
import { Refused } from '../../src/console/call.js'

/** Their types are a browser's, which this program's compiler does not know. */
const CONSOLE: string = '../../src/console'
const { Live } = (await import(`${CONSOLE}/live.js`)) as {
  readonly Live: new (store: object, signedOut: () => void) => Record<'start' | 'stop' | 'due', () => void>
}
const { Store } = (await import(`${CONSOLE}/store.js`)) as {
  readonly Store: new (
    send: unknown,
    find: (address: string) => Promise<object>,
    found: object,
    data: object,
  ) => {
    open(address: string): Promise<boolean>
    expect(address: string): void
    refresh(news?: ReadonlySet<string>): Promise<void>
    may(...roles: string[]): boolean
    time(): number
    readonly status: { value: { readonly at: string } }
    readonly words: { readonly value: unknown }
    readonly shown: { readonly value: { readonly data: unknown } }
  }
}
const { keep, readBack } = (await import(`${CONSOLE}/draft.js`)) as {
  keep(place: string, draft: object): void
  readBack(place: string, now: object): object | null
}

mock.timers.enable({ apis: ['setTimeout', 'Date'] })
t.teardown(() => mock.timers.reset())

/** A browser's page, as far as this looks at it. */
const page = Object.assign(new EventTarget(), { hidden: false })
/** A line that says nothing by itself. */
class Line extends EventTarget {
  static readonly CLOSED = 2
  readyState = 1
  close(): void {
    this.readyState = Line.CLOSED
  }
}
Object.assign(globalThis, { document: page, EventSource: Line })

function watched() {
  let seq = 7
  let refusal: Refused | null = null
  let asked = 0
  const status = { value: { seq, at: 'then' } }
  const silence: { value: number | null } = { value: null }
  const refresh = async (): Promise<void> => {
    asked++
    if (refusal !== null) throw refusal
    status.value = { seq, at: 'then' }
  }
  const live = new Live({ status, silence, refresh }, () => undefined)
  return {
    ...{ live, silence, asked: () => asked },
    tick: () => void seq++,
    refuse: (status: number | null) => {
      refusal = status === null ? null : new Refused(status, {})
    },
  }
}

/** A quarter of a second at a time, as the page looks; what is answered at once is answered. */
async function pass(seconds: number, each: () => void = () => undefined): Promise<void> {
  for (let i = 0; i < seconds * 4; i++) {
    if (i % 4 === 0) each()
    mock.timers.tick(250)
    await new Promise(setImmediate)
  }
}

t.test('a solver that stands still behind an API that answers is told as what it is', async (t) => {
  const { live, silence, tick } = watched()
  live.start()
  t.teardown(() => live.stop())
  const news = (): void => {
    tick()
    live.due()
  }
  await pass(5, news)
  t.equal(silence.value, null, 'a tick a second is fresh')
  const seen = new Set<number | null>()
  for (let second = 0; second < 60; second++) {
    await pass(1)
    live.due()
    if (second > 2) seen.add(silence.value)
  }
  t.ok(!seen.has(null), 'it never says that it is live')
  t.ok((silence.value ?? 0) >= 55, `no news for ${silence.value} s`)
  page.hidden = true
  page.dispatchEvent(new Event('visibilitychange'))
  await pass(60)
  page.hidden = false
  page.dispatchEvent(new Event('visibilitychange'))
  await pass(1)
  t.ok((silence.value ?? 0) >= 115, `looked at again: no news for ${silence.value} s`)
  await pass(5, news)
  t.equal(silence.value, null, 'the next tick is news')
})

t.test('an API that fails is asked less and less often, and asked as before once it answers', async (t) => {
  const { live, silence, tick, asked, refuse } = watched()
  live.start()
  t.teardown(() => live.stop())
  await pass(2)
  refuse(503)
  const before = asked()
  live.due()
  await pass(60)
  t.ok(asked() - before <= 10, `asked ${asked() - before} times in a minute`)
  t.ok((silence.value ?? 0) >= 55)
  refuse(null)
  tick()
  await pass(11)
  t.ok((silence.value ?? 0) < 12, 'and found again')
})

t.test('whoever goes on before a page has come sees where they went last', async (t) => {
  const come = new Map<string, (data: unknown) => void>()
  const page = { load: ({ address }: { address: string }) => new Promise((resolve) => come.set(address, resolve)) }
  const find = async (address: string) => ({ page, address })
  const store = new Store(null, find, await find('/'), { data: 'the first' })
  const [slow, quick] = [store.open('/slow'), store.open('/quick')]
  await new Promise(setImmediate)
  come.get('/quick')?.('quick')
  t.equal(await quick, true)
  come.get('/slow')?.('slow')
  t.equal(await slow, false, 'what comes too late is not shown')
  t.equal(store.shown.value.data, 'quick')
})

t.test('what was loaded before somebody opened it is shown at once, unless it has grown old', async (t) => {
  let read = 0
  const page = { load: async () => ++read }
  const find = async (address: string) => ({ page, address })
  const store = new Store(null, find, await find('/'), { data: 0 })
  store.expect('/institutions/a')
  store.expect('/institutions/a')
  t.equal(await store.open('/institutions/a'), true)
  t.equal(store.shown.value.data, 1)
  t.equal(read, 1, 'it was asked for once')
  store.expect('/institutions/b')
  mock.timers.tick(3_000)
  await store.open('/institutions/b')
  t.equal(read, 3, 'what is older than a page may be is asked for anew')
  const failing = { load: async () => Promise.reject(new Refused(401, {})) }
  const away = new Store(null, async (address: string) => ({ page: failing, address }), await find('/'), { data: 0 })
  away.expect('/institutions/c')
  await new Promise(setImmediate)
  await t.rejects(away.open('/institutions/c'), new Error('HTTP 401'), 'why it did not come is told whoever opens it')
})

t.test('what is written is found again by its own place alone', (t) => {
  const kept = new Map<string, string>()
  const tab = { pathname: '/policy/tiers/gold', search: '', hash: '' }
  Object.assign(globalThis, {
    ...{ location: tab, history: { replaceState: (_: unknown, __: string, to: string) => (tab.hash = hashOf(to)) } },
    sessionStorage: {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, text: string) => kept.set(name, text),
      removeItem: (name: string) => kept.delete(name),
    },
  })
  const base = { level: 1 }
  keep('/tiers/gold', { base, etag: '"1"', value: { level: 2 } })
  kept.clear()
  const now = { value: base, etag: '"1"' }
  t.match(readBack('/tiers/gold', now), { value: { level: 2 } }, 'a colleague opens the link')
  t.equal(readBack('/tiers/silver', now), null, 'another place refuses it')
  t.end()
})

const hashOf = (address: string): string => /#.*/.exec(address)?.[0] ?? ''

t.test('a page is read anew for news that concern it, now and then besides, and after what is done here', async (t) => {
  let revision = 1
  const hold: { until: Promise<void> } = { until: Promise.resolve() }
  let read = 0
  const page = {
    concerns: ['revision'],
    load: async () => {
      const mine = ++read
      await hold.until
      return mine
    },
  }
  const send = async () => ({ status: 200, body: { revision, timezone: 'UTC' } })
  const found = { page, address: '/policy' }
  const store = new Store(send, async () => found, found, { data: 0, problem: null, status: { revision } })
  const news = (...kinds: string[]) => store.refresh(new Set(kinds))
  await news('reset')
  t.equal(read, 1)
  await news('tick', 'alarm')
  t.equal(read, 1, 'no tick reads the durable store')
  await news('tick', 'revision')
  t.equal(read, 2)
  revision++
  await news('tick')
  t.equal(read, 3, 'whoever has not heard of a revision sees it in the status')
  mock.timers.tick(11_000)
  await news('tick')
  t.equal(read, 4, 'of a proposal or a confirmation nobody is told')
  let open = (): void => undefined
  hold.until = new Promise((resolve) => (open = resolve))
  const before = news('revision')
  const deed = store.refresh()
  open()
  await Promise.all([before, deed])
  t.equal(read, 6)
  t.equal(store.shown.value.data, 6, 'what was read before a deed does not pass for what came of it')
})

t.test('what is left of a time counts by the controller’s clock, which a late tick does not set back', async (t) => {
  const at = (ahead: number): { readonly at: string } => ({ at: new Date(Date.now() + ahead).toISOString() })
  const found = { page: {}, address: '/' }
  const store = new Store(null, async () => found, found, { status: at(600_000), me: { roles: ['admin'] } })
  t.equal(store.time() - Date.now(), 600_000)
  const words = store.words.value
  store.status.value = at(590_000)
  t.equal(store.time() - Date.now(), 600_000)
  store.status.value = at(601_000)
  t.equal(store.time() - Date.now(), 601_000)
  t.equal(store.words.value, words, 'nor does a tick make every word anew')
  t.ok(store.may('approver'), 'an administrator may do what people do')
  t.notOk(store.may('break-glass'), 'but going past approval is a role of its own')
})
