// The ledger: what a run writes down step by step while it plays, as columns over one SharedArrayBuffer.
//
// Each chunk of the horizon is played by one thread and writes only its own rows, so no two threads touch a cell and
// nothing depends on who played what. What each flow had and each link carried is not here: a year has a hundred
// thousand steps and a nation four thousand flows. It is added up (sums.ts, link-loads.ts) and let go.
//
// A `row` is one guarantee band; one more row, the last, stands for all of them together: the guarantee.

import { type Arrays, bytesOfColumns, type ColumnType, viewColumns } from '../solve/problem.js'

export interface LedgerShape {
  readonly steps: number
  readonly flows: number
  readonly institutions: number
  /** Guarantee bands + 1. */
  readonly rows: number
}

/** Rates are bit/s. */
const COLUMNS = {
  /** [step]: all flows together. */
  stepDemand: ['f64', (s: LedgerShape) => s.steps],
  stepNeed: ['f64', (s: LedgerShape) => s.steps],
  /** [step * rows + row]: what the demand of the step could claim of the promise, and what of that was not given. */
  stepPromised: ['f64', (s: LedgerShape) => s.steps * s.rows],
  stepMissing: ['f64', (s: LedgerShape) => s.steps * s.rows],
  /** Least kept fraction of any flow, 1 when nobody is short. */
  stepKept: ['f64', (s: LedgerShape) => s.steps * s.rows],
  /** [step * rows + row]: institutions with a flow that is short. */
  stepShort: ['u32', (s: LedgerShape) => s.steps * s.rows],
  /** [step * words + word]: a bit for each institution that is below its guarantee in the step. */
  stepBelow: ['u32', (s: LedgerShape) => s.steps * wordsOf(s)],
} as const satisfies Record<string, readonly [ColumnType, (s: LedgerShape) => number]>

export type LedgerColumns = { readonly [K in keyof typeof COLUMNS]: Arrays[(typeof COLUMNS)[K][0]] }

export interface Ledger extends LedgerColumns {
  readonly shape: LedgerShape
  readonly buffer: SharedArrayBuffer
}

/** Words of 32 bits that have one for each institution. */
export const wordsOf = ({ institutions }: Pick<LedgerShape, 'institutions'>): number => Math.ceil(institutions / 32)

/** Views over a buffer that `createLedger` laid out. The table is the type: each of its keys has a view. */
export const viewLedger = (shape: LedgerShape, buffer: SharedArrayBuffer) =>
  viewColumns(COLUMNS, shape, buffer, { shape, buffer }) as unknown as Ledger

/** An empty ledger: nobody short, everything kept. */
export function createLedger(shape: LedgerShape): Ledger {
  const ledger = viewLedger(shape, new SharedArrayBuffer(bytesOfColumns(COLUMNS, shape)))
  ledger.stepKept.fill(1)
  return ledger
}
