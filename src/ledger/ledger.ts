// The ledger: prices, months that are counted and close once, and the register of what is in writing and what is not.
//
// A closed month is bytes: canonical JSON of what was counted, the same whenever it is counted from the same record,
// policy and prices. It never changes; what it got wrong becomes a correction in a later month. The trail is told its
// fingerprint, which is keyed: a plain hash of a month would give a price away that is its only secret.

import { canonicalJson } from '../model/canonical.js'
import { civilTime } from '../model/civil-time.js'
import type { OwnDeed } from '../model/happening.js'
import type { Asker } from '../model/revision.js'
import type { UnixMilliseconds } from '../model/units.js'
import type { PolicyDocument } from '../policy/document/document.js'
import type { Revision, RevisionStore } from '../policy/revisions/revisions.js'
import type { Clock } from '../runtime/clock.js'
import { invalid, MizaniError } from '../runtime/errors.js'
import type { Sealing } from '../runtime/sealing.js'
import { heldPart } from './bill.js'
import { type BillingMonth, billingMonth, MONTH_FORM, monthBefore, SLOT } from './billing-month.js'
import { Holdings } from './holdings.js'
import { type LedgerMonth, monthOfContract } from './ledger-month.js'
import type { Kbps } from './percentile.js'
import { bookFaults, type PriceBook } from './price-book.js'
import { libreNmsShape, type Reconciliation, reconcile } from './reconcile.js'
import { type Register, registerOf } from './register.js'
import { type Lang, STYLE_HASH, statementPage } from './statement-page.js'
import type { Closing, LedgerStore, VersionedBook } from './store.js'
import type { LedgerThread } from './thread.js'
import { closingView, type MonthView, monthView, type Sees, type StatementView, statementView } from './views.js'

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
  tell(deed: OwnDeed): Promise<void>
  readonly clock: Clock
}

interface CountedMonth {
  readonly counted: LedgerMonth
  /** Null: it is open, and what was counted is what is known now. */
  readonly closing: Closing | null
}

export class Ledger {
  readonly #deps: LedgerDeps

  constructor(deps: LedgerDeps) {
    this.#deps = deps
  }

  prices(): Promise<VersionedBook> {
    return this.#deps.store.prices()
  }

  /** @throws MizaniError POLICY_INVALID with every fault, PRECONDITION_FAILED when others were faster. */
  async setPrices(book: PriceBook, expected: string): Promise<string> {
    const { store, policy } = this.#deps
    const [{ book: before }, closed] = await Promise.all([store.prices(), store.closed()])
    const faults = bookFaults(book, before, policy.document, new Set(closed.keys()))
    if (faults.length > 0) throw invalid('POLICY_INVALID', 'The price book', faults)
    return store.setPrices(book, expected)
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
    const { counted, closing } = await this.#month(month, asker)
    return monthView(counted, closing, sees)
  }

  /** Null: the institution has no part in the month. */
  async statement(month: string, institution: string, sees: Sees, asker: Asker): Promise<StatementView | null> {
    const { counted, closing } = await this.#month(month, asker)
    return statementView(counted, closing, institution, sees)
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
    return reconcile((await this.#month(month, asker)).counted, parsed?.data ?? null)
  }

  async #month(month: string, asker: Asker): Promise<CountedMonth> {
    this.#begun(month)
    const { store } = this.#deps
    const [text, closed] = await Promise.all([store.month(month), store.closed()])
    // Written by `close`, in a store that only we can write.
    if (text !== null) return { counted: JSON.parse(text) as LedgerMonth, closing: closed.get(month) ?? null }
    return { counted: await this.#count(month, (await store.prices()).book, asker), closing: null }
  }

  /**
   * Closes a month that is over. Once: whoever closes it again is told who did.
   * @throws MizaniError PRECONDITION_FAILED while it goes on or a price is missing; BAD_REQUEST, NOT_FOUND.
   */
  async close(month: string, asker: Asker): Promise<NonNullable<MonthView['closing']>> {
    const { store, clock } = this.#deps
    this.#begun(month)
    const known = await store.month(month)
    if (known === null) {
      const { version, book } = await store.prices()
      const missing = this.#missing(month, book)
      if (missing.length > 0) throw notYet(month, missing)
      const counted = await this.#count(month, book, asker)
      const text = canonicalJson(counted)
      const about = { at: clock.wall(), by: asker.actor, fingerprint: this.#deps.sealing.fingerprint(text) }
      await store.close(month, text, about, version)
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
      await tell({ action: 'ledger close', subject: month, reason: null, reference: null, before: null, after })
      await store.told(month)
    }
  }

  /** What is in writing and what is not, and which lines nobody used. */
  async register(asker: Asker): Promise<Register> {
    const today = this.#today()
    const { counted } = await this.#month(monthBefore(today.slice(0, 7)), asker)
    return registerOf(this.#deps.policy.document, counted, { today })
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
  #missing(month: string, { tariffs }: PriceBook): string[] {
    const { policy, clock } = this.#deps
    const now = clock.wall()
    const { document } = policy
    const whole = billingMonth(month, document.plane.timezone)
    const months = Object.entries(document.contracts ?? {})
      .map(([id, contract]) => ({ id, contract, month: monthOfContract(month, contract, document) }))
      .filter(({ contract, month }) => heldPart(contract, month).held > 0n)
    const spans = [
      { id: 'the month', month: whole },
      ...months.map(({ id, month }) => ({ id: `contract ${id}`, month })),
    ]
    return [
      ...spans.filter(({ month }) => month.before + WRITTEN_BY > now).map(({ id }) => `${id} goes on`),
      ...months.filter(({ id }) => !Object.hasOwn(tariffs, id)).map(({ id }) => `contract ${id} has no price`),
    ]
  }

  async #count(month: string, book: PriceBook, asker: Asker): Promise<LedgerMonth> {
    const { thread, policy } = this.#deps
    const { document } = policy
    const { plane, links, groups, sites, services, contracts = {}, agreements = {}, sharing = {} } = document
    const spans = Object.values(contracts).map((one) => monthOfContract(month, one, document))
    const whole = billingMonth(month, plane.timezone)
    const holdings = await this.#holdings({
      from: Math.min(whole.from, ...spans.map(({ from }) => from)),
      before: Math.max(whole.before, ...spans.map(({ before }) => before)),
    })
    const asked = { plane, links, groups, sites, services, contracts, agreements, sharing }
    const earlier = await this.#earlier(month)
    return thread.count({ month, document: asked, holdings: holdings.all(), book, earlier }, asker)
  }

  /** Who held what, by the revisions that were in force between the two. */
  async #holdings({ from, before }: Pick<BillingMonth, 'from' | 'before'>): Promise<Holdings> {
    const { policy } = this.#deps
    const inForce: { revision: number; at: UnixMilliseconds }[] = []
    let next = policy.revision.revision
    while (next > 0 && inForce.length < MOST_REVISIONS && (inForce.at(-1)?.at ?? before) > from) {
      const found = await policy.store.list(next, REVISIONS_A_READ)
      inForce.push(...found.map(({ revision, at }) => ({ revision, at })))
      next -= REVISIONS_A_READ
    }
    const holdings = new Holdings()
    const inOrder = inForce.reverse()
    for (const [k, { revision, at }] of inOrder.entries()) {
      const end = Math.min(before, inOrder[k + 1]?.at ?? before)
      // The first revision that there is holds for the time before it: nobody knows another.
      const start = k === 0 ? from : Math.max(from, at)
      if (start >= end) continue
      const found = await policy.store.get(revision, { looking: true })
      if (found !== null) holdings.add(found.document, start, end)
    }
    return holdings
  }

  async #earlier(month: string): Promise<Record<string, Kbps[]>> {
    const { store } = this.#deps
    const before = [...(await store.closed()).keys()].filter((one) => one < month).slice(-MONTHS_BACK)
    const earlier: Record<string, Kbps[]> = {}
    for (const one of before) {
      const text = await store.month(one)
      if (text === null) continue
      // As in `month`.
      for (const { contract, billed } of (JSON.parse(text) as LedgerMonth).usage.contracts)
        if (billed !== null) earlier[contract] = [...(earlier[contract] ?? []), billed]
    }
    return earlier
  }
}

const notYet = (month: string, why: readonly string[]): MizaniError =>
  new MizaniError({
    code: 'PRECONDITION_FAILED',
    message: `${month} cannot be closed yet: ${why.join('; ')}.`,
    advice: 'Prices stand in the price book: mizani ledger prices.',
  })
