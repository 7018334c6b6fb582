// The state of one console: who reads, what is shown, how old it is. Signals, so that what changes each second redraws
// no more than what shows it. On the server there is one for each request.

import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type ComponentType, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { looksAround } from '../model/looks-around.js'
import type { Role } from '../model/principal.js'
import { type Call, createCall, type Me, Refused, type Status, type Transport } from './call.js'
import { now } from './clock.js'
import type { Address, Page } from './page.js'
import type { Lang, PageData } from './page-data.js'
import { TEXTS, type Text } from './words/texts.js'
import { createWords, type Words } from './words/words.js'

/** Takes back what was done. @throws Refused, or what fetch throws. */
export type Undo = () => Promise<unknown>

interface Said {
  readonly text: string
  readonly bad: boolean
  /** Null: nothing was done, or it cannot be taken back. */
  readonly undo: Undo | null
}

/** What is drawn, but for its data. */
interface Found {
  readonly page: Page
  readonly address: Address
  readonly pattern: string
  readonly title: Text
}

export interface Shown extends Found {
  readonly data: unknown
  readonly problem: string | null
}

/** What is not there, or not theirs to see, is so until the policy changes. */
const STAYS: readonly string[] = ['NOT_FOUND', 'FORBIDDEN']

/** Everything may be otherwise. */
export const RESET = 'reset'
/** What was loaded before somebody asked for it is as fresh as a page that is read each second. */
const FRESH = 2_000
/** Not all that happens is told as news: a page that waits for some is read anew at least so often. */
const LASTS = 10_000

interface Loaded {
  readonly data: unknown
  readonly problem: string | null
}

/** A page that somebody will probably open next. */
interface Expected {
  readonly address: string
  readonly at: number
  readonly found: Promise<Found>
  readonly loaded: Promise<Loaded>
}

type FindPage = (address: string) => Promise<Found>

export class Store {
  readonly call: Call
  readonly lang: Signal<Lang>
  readonly words: ReadonlySignal<Words>
  readonly me: Signal<Me | null>
  readonly status: Signal<Status | null>
  /** In force; whoever looks at this alone is not drawn anew with each tick. */
  readonly revision: ReadonlySignal<number | null>
  readonly shown: Signal<Shown>
  /** Something that was done, or was not: said once, until the next. */
  readonly notice: Signal<Said | null> = signal(null)
  /** For the day a device is lost: shown until they are written down. */
  readonly codes: Signal<readonly string[]> = signal([])
  /** Seconds since the last news, where they are late; null: all is fresh. */
  readonly silence: Signal<number | null> = signal(null)
  /** How somebody comes in; null until a browser has it. */
  readonly entrance: Signal<ComponentType | null> = signal(null)
  /** What lies over the page. */
  readonly overlay: Signal<'palette' | 'keys' | null> = signal(null)
  /** Goes to another page, as a link does; on the server nobody does. */
  go: (address: string, replace?: boolean) => void = () => undefined
  #reading: Promise<void> = Promise.resolve()
  /** When the page was read. */
  #read = 0
  #turn = 0
  /** Of the controller's clock, before this one. */
  #ahead: number | null = null

  #expected: Expected | null = null
  readonly #findPage: FindPage

  constructor(send: Transport, findPage: FindPage, found: Found, { lang, me, status, data, problem }: PageData) {
    this.call = createCall(send)
    this.#findPage = findPage
    this.lang = signal(lang)
    const zone = computed(() => this.status.value?.timezone ?? 'Africa/Dar_es_Salaam')
    this.words = computed(() => createWords(this.lang.value, zone.value))
    this.me = signal(me)
    this.status = signal(status)
    this.revision = computed(() => this.status.value?.revision ?? null)
    this.shown = signal({ ...found, data, problem })
    effect(() => {
      const { at } = this.status.value ?? {}
      // A tick that is late says less than one that was not.
      if (at !== undefined) this.#ahead = Math.max(this.#ahead ?? Number.NEGATIVE_INFINITY, Date.parse(at) - now())
    })
  }

  /** Now by the controller's clock, as far as its ticks tell it: that of whoever looks may be wrong. */
  time(): number {
    return now() + (this.#ahead ?? 0)
  }

  /** Whether whoever reads works here, and not for one institution. */
  get looksAround(): boolean {
    return looksAround(this.me.value?.roles ?? [])
  }

  /** Whether whoever reads may do what this role may; what they may not is not offered. */
  may(...roles: readonly Role[]): boolean {
    const mine = this.me.value?.roles ?? []
    // An administrator may do what people do, but to go past approval and to see prices.
    const isApart = (role: Role): boolean => role === 'break-glass' || role === 'finance'
    return roles.some((role) => mine.includes(role) || (mine.includes('admin') && !isApart(role)))
  }

  lay(overlay: 'palette' | 'keys' | null): void {
    this.overlay.value = overlay
  }

  readonly hush = (): void => {
    this.notice.value = null
  }

  say(text: string, bad = false, undo: Undo | null = null): void {
    this.notice.value = { text, bad, undo }
  }

  /** Takes back what was said to be done, once. */
  readonly undo = async (): Promise<void> => {
    const said = this.notice.value
    if (said?.undo == null) return
    this.notice.value = { ...said, undo: null }
    try {
      await said.undo()
      this.say(this.words.value.say(TEXTS.undone))
      await this.refresh()
    } catch (error) {
      this.complain(error)
    }
  }

  /** Why something was refused, in words. */
  complain(error: unknown): void {
    this.say(this.words.value.refusal(error), true)
  }

  /** Loads a page before it is opened: whoever opens it at once does not wait for it. */
  expect(address: string): void {
    if (this.#isExpected(address)) return
    const found = this.#findPage(address)
    const loaded = found.then((next) => this.#load(next, undefined, true))
    // Whoever opens it is told.
    loaded.catch(() => undefined)
    this.#expected = { address, at: now(), found, loaded }
  }

  #isExpected = (address: string): boolean => this.#expected?.address === address && now() - this.#expected.at < FRESH

  /**
   * Shows another page, what matters first; the one before stays until that is there.
   * @returns whether it is shown: somebody may have gone on meanwhile, and sees where they went last.
   */
  async open(address: string): Promise<boolean> {
    const mine = ++this.#turn
    try {
      const expected = this.#isExpected(address) ? this.#expected : null
      const next = await (expected?.found ?? this.#findPage(address))
      const { page, data: known } = this.shown.value
      const before = page === next.page ? (known ?? undefined) : undefined
      const { data, problem } = await (expected?.loaded ?? this.#load(next, before, before === undefined))
      if (mine === this.#turn) this.shown.value = { ...next, data, problem }
    } catch (error) {
      if (mine === this.#turn) throw error
    }
    return mine === this.#turn
  }

  /**
   * Reads anew what is shown, one time after the other: what was done before it is asked, it shows.
   * @param news kinds of what has happened elsewhere; undefined: it was here. @throws Refused, or what fetch throws.
   */
  async refresh(news?: ReadonlySet<string>): Promise<void> {
    const next = this.#reading.then(() => this.#refreshOnce(news))
    // Whoever asked is told; whoever asks next begins anew.
    this.#reading = next.catch(() => undefined)
    return next
  }

  async #refreshOnce(news: ReadonlySet<string> | undefined): Promise<void> {
    const shown = this.shown.value
    const known = this.revision.value
    const status = await this.call('get', '/v1/status', {})
    const isSame = status.revision === known
    const stays = isSame && shown.problem !== null && STAYS.includes(shown.problem)
    const isDue = !stays && (!isSame || this.#isConcerned(news))
    const loaded = isDue ? await this.#load(shown, isSame ? (shown.data ?? undefined) : undefined) : null
    this.status.value = status
    // Somebody may have gone on to another page.
    if (loaded !== null && this.shown.value === shown) this.shown.value = { ...shown, ...loaded }
  }

  #isConcerned(news: ReadonlySet<string> | undefined): boolean {
    const { page, problem } = this.shown.value
    const { concerns } = page
    if (news === undefined || concerns === undefined || problem !== null || news.has(RESET)) return true
    return concerns.some((kind) => news.has(kind)) || now() - this.#read > LASTS
  }

  /** @throws Refused where nobody is signed in any more, and what fetch throws. */
  async #load({ page, address }: { page: Page; address: Address }, before?: unknown, isFirst = false): Promise<Loaded> {
    try {
      const data = await page.load({ call: this.call, address, before, isFirst })
      this.#read = now()
      return { data, problem: null }
    } catch (error) {
      if (!(error instanceof Refused) || error.status === 401) throw error
      return { data: null, problem: error.code }
    }
  }
}

export const StoreContext = createContext<Store | null>(null)

export function useStore(): Store {
  const store = useContext(StoreContext)
  if (store === null) throw new Error('no store around this part')
  return store
}

export const useWords = (): Words => useStore().words.value
