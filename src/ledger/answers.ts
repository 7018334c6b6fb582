// What is asked of a month, answered where months are counted: what is closed is unpacked there and stays unpacked for
// a while, and only the answer comes back. The thread that serves people neither counts, packs, unpacks nor reads one.

import { gunzipSync, gzipSync } from 'node:zlib'
import { canonicalJson } from '../model/canonical.js'
import type { Text } from '../model/network.js'
import { SLOT, toSeconds } from '../model/units.js'
import type { Archive } from '../record/archive.js'
import { countMonth, type LedgerMonth, type MonthAsked } from './ledger-month.js'
import type { Kbps, Usage } from './percentile.js'
import { inEnglish, REASONS } from './reasons.js'
import { type LibreNmsBills, reconcile } from './reconcile.js'
import type { RegisterUse } from './register.js'
import type { Closing } from './store.js'
import { type MonthView, monthView, type Sees, statementView } from './views.js'

/** Where a month comes from: the record, or the bytes that were closed. */
export type MonthSource = { readonly count: MonthAsked } | { readonly closed: Uint8Array }

export type Question =
  | { readonly what: 'month'; readonly closing: Closing | null; readonly sees: Sees }
  | { readonly what: 'statement'; readonly closing: Closing | null; readonly sees: Sees; readonly institution: string }
  | { readonly what: 'use' }
  | { readonly what: 'reconcile'; readonly bills: LibreNmsBills | null }
  | { readonly what: 'close' }

interface Answers {
  readonly month: MonthView
  readonly statement: ReturnType<typeof statementView>
  readonly use: RegisterUse
  readonly reconcile: ReturnType<typeof reconcile>
  readonly close: MonthToClose
}
export type AnswerTo<Q extends Question> = Answers[Q['what']]

/** A month as it will be for good. */
export interface MonthToClose {
  readonly text: string
  readonly packed: Uint8Array
  /** kbit/s that contracts are billed by. */
  readonly billed: Readonly<Record<string, Kbps>>
  /** What the record does not know of it, in words. */
  readonly gaps: readonly Text[]
  readonly isRecorded: boolean
}

/** A year of them, and the one that goes on. */
const MOST_KEPT = 13

/** Months by what they were made from, the one that was asked for last at the end. */
export class MonthAnswers {
  readonly #kept = new Map<string, LedgerMonth>()

  /**
   * @param key of the month and of all that it was made from; null: it is not kept
   * @param source null: whoever asks hopes that it is still here
   * @returns null: it is not
   */
  async ask<Q extends Question>(
    archive: Archive,
    key: string | null,
    question: Q,
    source: MonthSource | null,
  ): Promise<{ readonly answer: AnswerTo<Q> } | null> {
    const kept = key === null ? undefined : this.#kept.get(key)
    const month = kept ?? (source && (await monthFrom(archive, source)))
    if (month === null) return null
    if (key !== null) this.#keep(key, month)
    return { answer: answerTo(month, question) as AnswerTo<Q> }
  }

  #keep(key: string, month: LedgerMonth): void {
    this.#kept.delete(key)
    this.#kept.set(key, month)
    for (const [oldest] of this.#kept) if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest)
  }
}

const monthFrom = async (archive: Archive, source: MonthSource): Promise<LedgerMonth> =>
  // Written by `close`, in a store that only we can write.
  'count' in source ? countMonth(archive, source.count) : (JSON.parse(unpacked(source.closed)) as LedgerMonth)

/** The text of a month as it was closed. */
const unpacked = (bytes: Uint8Array): string => gunzipSync(bytes).toString('utf8')

function answerTo(month: LedgerMonth, question: Question): Answers[keyof Answers] {
  switch (question.what) {
    case 'month':
      return monthWithGaps(month, question)
    case 'statement':
      return statementView(month, question.closing, question.institution, question.sees)
    case 'use':
      return useOf(month)
    case 'reconcile':
      return reconcile(month, question.bills)
    case 'close':
      return toClose(month)
  }
}

function monthWithGaps(month: LedgerMonth, { closing, sees }: Question & { readonly what: 'month' }): MonthView {
  const gaps = gapsIn(month)
  const open = { missing: [], gaps: inEnglish(gaps), words: { missing: [], gaps } }
  const toClose = closing === null && sees === 'all' ? open : null
  return { ...monthView(month, closing, sees), toClose }
}

/** What the register needs of it. */
export const useOf = ({ month, usage: { institutions, idleLines } }: LedgerMonth): RegisterUse => ({
  ...{ month, idleLines },
  institutions: institutions.map(({ institution, seen, used }) => ({ institution, seen, used })),
})

function toClose(month: LedgerMonth): MonthToClose {
  const text = canonicalJson(month)
  const { contracts, institutions } = month.usage
  const billed = contracts.flatMap(({ contract, billed }) => (billed === null ? [] : [[contract, billed] as const]))
  return {
    ...{ text, packed: gzipSync(text, { level: 9 }), billed: Object.fromEntries(billed), gaps: gapsIn(month) },
    isRecorded:
      contracts.some(({ down, up }) => down.counted + up.counted > 0) || institutions.some(({ seen }) => seen > 0),
  }
}

function gapsIn({ usage }: LedgerMonth): Text[] {
  return usage.contracts.flatMap(({ contract, down, up, lines, silent }) => {
    if (lines.length === 0) return []
    const few = [down, up].find(({ heard, slots }) => heard * 2 < slots * toSeconds(SLOT))
    return [
      ...(few === undefined ? [] : [REASONS.fewSlots(contract, slotsHeard(few), few.slots)]),
      ...silent.map(REASONS.silentLine),
    ]
  })
}

const slotsHeard = ({ heard }: Usage): number => Math.floor(heard / toSeconds(SLOT))
