// What the thread does in which months are counted: it keeps what it read last, for people ask on.

import { Archive, whileMerged } from '../record/archive.js'
import { MonthAnswers, type MonthSource, type Question } from './answers.js'

export interface MonthTask {
  readonly folder: string
  readonly key: string | null
  readonly question: Question
  readonly source: MonthSource | null
}
export type Answered = Awaited<ReturnType<MonthAnswers['ask']>>

/** For as long as the thread is there. */
const months = new MonthAnswers()

/** Runs in the thread. */
export const runMonthTask = ({ folder, key, question, source }: MonthTask): Promise<Answered> =>
  whileMerged(() => months.ask(new Archive(folder), key, question, source))
