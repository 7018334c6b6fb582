// The ledger: prices, months that are counted and close once, and the register of what is in writing and what is not.
//
// A closed month is bytes: canonical JSON of what was counted, the same whenever it is counted from the same record,
// policy and prices. It never changes; what it got wrong becomes a correction in a later month. The trail is told its
// fingerprint, which is keyed: a plain hash of a month would give a price away that is its only secret.

import { civilTime } from '../model/civil-time.js'
import type { OwnDeed } from '../model/happening.js'
import type { Text } from '../model/network.js'
import type { Asker } from '../model/revision.js'
import { DAY, SLOT, type UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { Revision, RevisionStore } from '../policy/revisions/revisions.js'
import type { Clock } from '../runtime/clock.js'
import { MizaniError } from '../runtime/errors.js'
import type { Sealing } from '../runtime/sealing.js'
import { heldPart } from './bill.js'
import { type BillingMonth, billingMonth, MONTH_FORM, monthAfter, monthBefore } from './billing-month.js'
import { Holdings } from './holdings.js'
import { type MonthAsked, monthOfContract } from './ledger-month.js'
import type { Kbps } from './percentile.js'
import { contractsWithEntries, type PriceBook } from './price-book.js'
import { PriceBooks, type PricesPut } from './price-books.js'
import { inEnglish, REASONS } from './reasons.js'
import { libreNmsShape, type Reconciliation } from './reconcile.js'
import { type Register, registerOf } from './register.js'
import { type Lang, STYLE_HASH, statementPage } from './statement-page.js'
import type { Closing, LedgerStore, VersionedBook } from './store.js'
import type { LedgerThread, MonthOf } from './thread.js'
import { closingView, type MonthView, type Sees, type StatementView } from './views.js'

/** Clocks of two zones are a day apart and a little more. */
const ZONES_APART = 2 * DAY
/** Revisions that are looked back through for one month. */
const MOST_REVISIONS = 2_000
const REVISIONS_A_READ = 100
/** Months that advice on the committed rate looks back on. */
const MONTHS_BACK = 12
/** The last slot of a month is written when the next one has begun. */
const WRITTEN_BY = 2 * SLOT

export interface LedgerDeps {
  readonly store: LedgerStore
  readonly thread: LedgerThread
  readonly policy: {
    readonly document: PolicyDocument
    readonly revision: Pick<Revision, 'revision'>
    readonly store: Pick<RevisionStore, 'list' | 'get'>
  }
  readonly sealing: Pick<Sealing, 'fingerprint'>
  /** @returns whether it stands there */
  tell(deed: OwnDeed): Promise<boolean>
  readonly clock: Clock
}

interface PastPolicy extends Pick<Revision, 'revision' | 'hash' | 'document'> {
  readonly whole: BillingMonth
  readonly holdings: Holdings
  /** Contracts that held in the month and were taken out of the policy within it. */
  readonly removed: readonly string[]
  /** Whether all revisions of the month are known. */
  readonly isComplete: boolean
  /** Whether the month was over when the first revision was made. */
  readonly isBefore: boolean
}

/** A month as it can be asked about; `closing` null: it is open, and what is counted is what is known now. */
interface KnownMonth extends MonthOf {
  readonly closing: Closing | null
}

export class Ledger {
  readonly #deps: LedgerDeps
  readonly #books: PriceBooks

  constructor(deps: LedgerDeps) {
    this.#deps = deps
    this.#books = new PriceBooks(deps)
  }

  prices(): Promise<VersionedBook> {
    return this.#deps.store.prices()
  }

  setPrices(...asked: Parameters<PriceBooks['put']>): Promise<PricesPut> {
    return this.#books.put(...asked)
  }

  approvePrices(...asked: Parameters<PriceBooks['approve']>): Promise<PricesPut> {
    return this.#books.approve(...asked)
  }

  /** From the first month that was closed, or else the last one, to the one that goes on; the latest first. */
  async months(): Promise<{ readonly month: string; readonly closing: MonthView['closing'] }[]> {
    const closed = await this.#deps.store.closed()
    let month = this.#today().slice(0, 7)
    const first = [...closed.keys()][0] ?? monthBefore(month)
    const months: string[] = []
    for (; month >= first; month = monthBefore(month)) months.push(month)
    return months.map((one) => ({ month: one, closing: closingView(closed.get(one) ?? null) }))
  }

  /** As it was closed, or as it stands. @throws MizaniError BAD_REQUEST, NOT_FOUND for one that has not begun. */
  async month(month: string, sees: Sees, asker: Asker): Promise<MonthView> {
    const { thread, store } = this.#deps
    const known = await this.#month(month)
    const view = await thread.ask(known, { what: 'month', closing: known.closing, sees }, asker)
    if (view.toClose === null) return view
    const missing = this.#missing(month, (await store.prices()).book, await this.#past(month))
    const all = [...notNext(month, await store.closed()), ...missing]
    const words = { ...view.toClose.words, missing: all }
    return { ...view, toClose: { ...view.toClose, missing: inEnglish(all), words } }
  }

  /** Null: the institution has no part in the month. */
  async statement(month: string, institution: string, sees: Sees, asker: Asker): Promise<StatementView | null> {
    const { thread } = this.#deps
    const known = await this.#month(month)
    return thread.ask(known, { what: 'statement', closing: known.closing, sees, institution }, asker)
  }

  /** Ours against theirs. @param bills an answer of LibreNMS. @throws MizaniError BAD_REQUEST for what is none. */
  async reconcile(month: string, bills: unknown, asker: Asker): Promise<Reconciliation> {
    const parsed = bills === null ? null : libreNmsShape.safeParse(bills)
    if (parsed?.success === false) {
      const [issue] = parsed.error.issues
      const where = issue === undefined ? '' : ` at /${issue.path.join('/')}: ${issue.message}`
      const message = `Expected the answer of LibreNMS to GET /api/v0/bills, found another${where}.`
      throw new MizaniError({ code: 'BAD_REQUEST', message })
    }
    const question = { what: 'reconcile', bills: parsed?.data ?? null } as const
    return this.#deps.thread.ask(await this.#month(month), question, asker)
  }

  async #month(month: string): Promise<KnownMonth> {
    this.#begun(month)
    const { store, policy, clock } = this.#deps
    const closing = (await store.closed()).get(month) ?? null
    if (closing !== null) {
      const closed = async (): Promise<Uint8Array> => {
        const bytes = await store.month(month)
        if (bytes === null) throw new Error(`${month} was closed and is not there`)
        return bytes
      }
      return { key: `${month} ${closing.fingerprint}`, closing, source: async () => ({ closed: await closed() }) }
    }
    const { version, book } = await store.prices()
    const { revision } = policy.revision
    // The record grows by a slot at a time; what is imported shows as late as that.
    const key = `${month} ${revision} ${version} ${Math.floor(clock.wall() / SLOT)}`
    return { key, closing, source: async () => ({ count: await this.#asked(month, book, await this.#past(month)) }) }
  }

  /**
   * Closes a month that is over. Once: whoever closes it again is told who did.
   * @param gaps whether it may close where half of it, or a line, was not recorded
   * @throws MizaniError PRECONDITION_FAILED while it goes on, or something is missing; BAD_REQUEST, NOT_FOUND.
   */
  async close(month: string, asker: Asker, { gaps = false } = {}): Promise<NonNullable<MonthView['closing']>> {
    const { store, clock, sealing, thread } = this.#deps
    this.#begun(month)
    const closed = await store.closed()
    if (!closed.has(month)) {
      const early = notNext(month, closed)
      if (early.length > 0) throw notYet(month, early)
      const [{ version, book }, past] = await Promise.all([store.prices(), this.#past(month)])
      const missing = this.#missing(month, book, past)
      if (missing.length > 0) throw notYet(month, missing)
      const asked = await this.#asked(month, book, past)
      const of = { key: null, source: async () => ({ count: asked }) }
      const {
        text,
        packed,
        billed,
        gaps: unrecorded,
        isRecorded,
      } = await thread.ask(of, { what: 'close' }, asker, true)
      if (past.isBefore && !isRecorded) throw notYet(month, [REASONS.beforeRecord])
      if (unrecorded.length > 0 && !gaps) throw withGaps(month, unrecorded)
      const about = { at: clock.wall(), by: asker.actor, fingerprint: sealing.fingerprint(text), billed }
      await store.close(month, packed, about, version)
    }
    await this.tellTrail()
    // Of two who close at once one did.
    const closing = closingView((await store.closed()).get(month) ?? null)
    if (closing === null) throw new Error(`${month} was closed and is not there`)
    return closing
  }

  /** Tells the trail of closed months that it was not told of: of one at least once, whatever died meanwhile. */
  async tellTrail(): Promise<void> {
    const { store, tell } = this.#deps
    const untold = await store.untold()
    if (untold.length === 0) return
    const closings = await store.closed()
    for (const month of untold.sort()) {
      const closing = closings.get(month)
      if (closing === undefined) continue
      const after = { by: closing.by, fingerprint: closing.fingerprint }
      const deed = {
        action: 'ledger close',
        subject: month,
        reason: null,
        reference: null,
        before: null,
        after,
      } as const
      // What ends now says it after its next start.
      if (await tell(deed)) await store.told(month)
    }
  }

  /** What is in writing and what is not, and which lines nobody used. */
  async register(asker: Asker): Promise<Register> {
    const today = this.#today()
    const { policy, thread } = this.#deps
    const use = await thread.ask(await this.#month(monthBefore(today.slice(0, 7))), { what: 'use' }, asker)
    return registerOf(policy.document, use, { today })
  }

  /** The statement as a page, and the hash of its style. */
  page(statement: StatementView, lang: Lang): { readonly html: string; readonly style: string } {
    const { institutions, former = {} } = this.#deps.policy.document
    const id = statement.institution.institution
    const name = institutions[id]?.name ?? former[id]?.name ?? { en: id, sw: id }
    return { html: statementPage(statement, name, lang), style: STYLE_HASH }
  }

  #today(): string {
    const { policy, clock } = this.#deps
    return civilTime(clock.wall(), policy.document.plane.timezone).date
  }

  #begun(month: string): void {
    if (!MONTH_FORM.test(month))
      throw new MizaniError({ code: 'BAD_REQUEST', message: `Expected a month such as 2026-11, found "${month}".` })
    const { from } = billingMonth(month, this.#deps.policy.document.plane.timezone)
    if (from <= this.#deps.clock.wall()) return
    throw new MizaniError({ code: 'NOT_FOUND', message: `The month ${month} has not begun.` })
  }

  /** Why it cannot be closed, in words. */
  #missing(month: string, book: PriceBook, { document, removed, whole, isBefore, isComplete }: PastPolicy): Text[] {
    const now = this.#deps.clock.wall()
    const entries = contractsWithEntries(book, month)
    const contracts = document.contracts ?? {}
    const months = Object.entries(contracts)
      .map(([id, contract]) => ({ id, contract, month: monthOfContract(month, contract, document) }))
      .filter(({ id, contract, month }) => heldPart(contract, month).held > 0n || entries.has(id))
    const spans = [
      { reason: REASONS.monthGoesOn, month: whole },
      ...months.map(({ id, month }) => ({ reason: REASONS.contractGoesOn(id), month })),
    ]
    const isPriced = (id: string): boolean => Object.hasOwn(book.tariffs, id)
    return [
      ...spans.filter(({ month }) => month.before + WRITTEN_BY > now).map(({ reason }) => reason),
      ...months.filter(({ id }) => !isPriced(id)).map(({ id }) => REASONS.noPrice(id)),
      ...[...entries].filter((id) => !Object.hasOwn(contracts, id)).map(REASONS.notInPolicy),
      ...removed.filter((id) => isPriced(id) && !entries.has(id)).map(REASONS.takenOut),
      ...(isComplete || isBefore ? [] : [REASONS.revisionsGone]),
    ]
  }

  async #asked(month: string, book: PriceBook, past: PastPolicy): Promise<MonthAsked> {
    const { plane, links, groups, sites, services, contracts = {}, agreements = {}, sharing = {} } = past.document
    const document = { plane, links, groups, sites, services, contracts, agreements, sharing }
    const { revision, hash, holdings } = past
    const about = { month, document, policy: { revision, hash }, book, earlier: await this.#earlier(month) }
    return { ...about, holdings: holdings.all(), there: holdings.there }
  }

  /** The policy of a month: the last one that was in force in it, and who held what by all that were. */
  async #past(month: string): Promise<PastPolicy> {
    const whole = billingMonth(month, this.#deps.policy.document.plane.timezone)
    const known = await this.#revisionsSince(whole.from - ZONES_APART)
    // The first revision that there is holds for the time before it: nobody knows another.
    const own = known.findLast(({ at }) => at < whole.before) ?? known[0]!
    const { document } = await this.#revision(own.revision)
    const contracts = document.contracts ?? {}
    const spans = [whole, ...Object.values(contracts).map((one) => monthOfContract(month, one, document))]
    const from = Math.min(...spans.map((one) => one.from))
    const before = Math.max(...spans.map((one) => one.before))
    const holdings = new Holdings()
    const removed = new Set<string>()
    for (const [k, { revision, at }] of known.entries()) {
      const start = k === 0 ? from : Math.max(from, at)
      const end = Math.min(before, known[k + 1]?.at ?? before)
      if (start >= end) continue
      const found = revision === own.revision ? document : (await this.#revision(revision)).document
      holdings.add(found, start, end)
      for (const [id, one] of Object.entries(found.contracts ?? {})) {
        const isHeld = heldPart(one, monthOfContract(month, one, found)).held > 0n
        if (start < whole.before && isHeld && !Object.hasOwn(contracts, id)) removed.add(id)
      }
    }
    const [first] = known
    const isComplete = first!.revision === 1 || first!.at <= from
    const isBefore = first!.revision === 1 && first!.at >= whole.before
    return {
      whole,
      document,
      revision: own.revision,
      hash: own.hash,
      holdings,
      removed: [...removed],
      isComplete,
      isBefore,
    }
  }

  /** What is known of the revisions that were in force since then, the earliest first; at least one. */
  async #revisionsSince(from: UnixMilliseconds) {
    const { policy } = this.#deps
    const known: Awaited<ReturnType<typeof policy.store.list>> = []
    for (let next = policy.revision.revision; next > 0; next -= REVISIONS_A_READ) {
      if (known.length >= MOST_REVISIONS || (known.at(-1)?.at ?? from + 1) <= from) break
      known.push(...(await policy.store.list(next, REVISIONS_A_READ)))
    }
    if (known.length === 0) throw unreadable(policy.revision.revision)
    return known.reverse()
  }

  async #revision(revision: number): Promise<Revision> {
    const found = await this.#deps.policy.store.get(revision, { looking: true })
    if (found === null) throw unreadable(revision)
    return found
  }

  async #earlier(month: string): Promise<Record<string, Kbps[]>> {
    const closed = [...(await this.#deps.store.closed())].filter(([one]) => one < month).slice(-MONTHS_BACK)
    const earlier: Record<string, Kbps[]> = {}
    for (const [, { billed }] of closed)
      for (const [contract, kbps] of Object.entries(billed)) earlier[contract] = [...(earlier[contract] ?? []), kbps]
    return earlier
  }
}

/** They close in their order. */
function notNext(month: string, closed: ReadonlyMap<string, Closing>): Text[] {
  const last = [...closed.keys()].at(-1)
  const next = last === undefined ? month : monthAfter(last)
  return month === next ? [] : [REASONS.notNext(last ?? '', next)]
}

const unreadable = (revision: number): MizaniError =>
  new MizaniError({
    code: 'REVISION_UNREADABLE',
    message: `Revision ${revision} of the policy is not there, and the month cannot be counted without it.`,
  })

const withGaps = (month: string, why: readonly Text[]): MizaniError =>
  new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `${month} is not closed with such gaps unless that is said: ${inEnglish(why).join('; ')}.`,
    advice: 'Import what is missing, or close it with --accept-gaps (gaps=accepted): it stays so for good.',
  })

const notYet = (month: string, why: readonly Text[]): MizaniError =>
  new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `${month} cannot be closed yet: ${inEnglish(why).join('; ')}.`,
    advice: 'Prices stand in the price book: mizani ledger prices.',
  })
