// What the thread does in which history is read.

import { Archive, whileMerged } from './archive.js'
import { answerHistory, type HistoryAnswer, type HistoryAsked } from './history-answer.js'

export type HistoryTask = HistoryAsked & { readonly folder: string }

/** Runs in the thread. */
export const runHistoryTask = ({ folder, ...asked }: HistoryTask): Promise<HistoryAnswer> =>
  whileMerged(() => answerHistory(new Archive(folder), asked))
