// The state of one console: who reads, what is shown, how old it is. Signals, so that what changes each second redraws
// no more than what shows it. On the server there is one for each request.

import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { type ComponentType, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Role } from '../model/principal.js'
import { type Call, createCall, type Me, Refused, type Status, type Transport } from './call.js'
import type { Address, Page } from './page.js'
import type { Lang, PageData } from './page-data.js'
import type { Text } from './words/texts.js'
import { createWords, type Words } from './words/words.js'

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

type FindPage = (address: string) => Promise<Found>

export class Store {
  readonly call: Call
  readonly lang: Signal<Lang>
  readonly words: ReadonlySignal<Words>
  readonly me: Signal<Me | null>
  readonly status: Signal<Status | null>
  readonly shown: Signal<Shown>
  /** Something that was done, or was not: said once, until the next. */
  readonly notice: Signal<{ readonly text: string; readonly bad: boolean } | null> = signal(null)
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
  #loading: Promise<void> | null = null
  #turn = 0

  readonly #findPage: FindPage

  constructor(send: Transport, findPage: FindPage, found: Found, { lang, me, status, data, problem }: PageData) {
    this.call = createCall(send)
    this.#findPage = findPage
    this.lang = signal(lang)
    this.words = computed(() => createWords(this.lang.value, this.status.value?.timezone ?? 'Africa/Dar_es_Salaam'))
    this.me = signal(me)
    this.status = signal(status)
    this.shown = signal({ ...found, data, problem })
  }

  /** Whether whoever reads may do what this role may; what they may not is not offered. */
  may(...roles: readonly Role[]): boolean {
    return this.me.value?.roles.some((role) => role === 'admin' || roles.includes(role)) ?? false
  }

  lay(overlay: 'palette' | 'keys' | null): void {
    this.overlay.value = overlay
  }

  readonly hush = (): void => {
    this.notice.value = null
  }

  say(text: string, bad = false): void {
    this.notice.value = { text, bad }
  }

  /** Why something was refused, in words. */
  complain(error: unknown): void {
    this.say(this.words.value.refusal(error), true)
  }

  /**
   * Shows another page, what matters first; the one before stays until that is there.
   * @returns whether it is shown: somebody may have gone on meanwhile, and sees where they went last.
   */
  async open(address: string): Promise<boolean> {
    const mine = ++this.#turn
    try {
      const next = await this.#findPage(address)
      const { page, data: known } = this.shown.value
      const before = page === next.page ? (known ?? undefined) : undefined
      const { data, problem } = await this.#load(next, before, before === undefined)
      if (mine === this.#turn) this.shown.value = { ...next, data, problem }
    } catch (error) {
      if (mine === this.#turn) throw error
    }
    return mine === this.#turn
  }

  /** Reads anew what is shown; asked again meanwhile, it is one more time. @throws Refused, or what fetch throws. */
  async refresh(): Promise<void> {
    this.#loading ??= this.#refreshOnce().finally(() => {
      this.#loading = null
    })
    return this.#loading
  }

  async #refreshOnce(): Promise<void> {
    const shown = this.shown.value
    const known = this.status.value?.revision
    const status = await this.call('get', '/v1/status', {})
    const isSame = status.revision === known
    const stays = isSame && shown.problem !== null && STAYS.includes(shown.problem)
    const loaded = stays ? {} : await this.#load(shown, isSame ? (shown.data ?? undefined) : undefined)
    this.status.value = status
    // Somebody may have gone on to another page.
    if (this.shown.value === shown) this.shown.value = { ...shown, ...loaded }
  }

  /** @throws Refused where nobody is signed in any more, and what fetch throws. */
  async #load({ page, address }: { page: Page; address: Address }, before?: unknown, isFirst = false) {
    try {
      return { data: await page.load({ call: this.call, address, before, isFirst }), problem: null }
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
