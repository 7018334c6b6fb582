// A series as it is answered: its text, made in the thread that reads it (history-thread.ts). A month of an institution
// is seventy thousand points: whoever answers hands on their bytes, and looks at none of them.

import type { UnixMilliseconds } from '../model/units.js'
import { writeRecords } from '../runtime/sheet.js'
import type { ArchivePort } from './archive-thread.js'
import { institutionHistory, linkHistory, type Span } from './history.js'

export interface HistoryAsked {
  readonly of: 'institution' | 'link'
  readonly id: string
  readonly span: Span
  /** A sheet of these columns, its times as the clocks of the zone show them; null: JSON. */
  readonly sheet: { readonly columns: readonly string[]; readonly zone: string } | null
}

export interface HistoryAnswer {
  /** Whether anything was recorded of it. */
  readonly isKnown: boolean
  /** A sheet; or JSON: of an institution a list of flows with their points, of a link its points. */
  readonly text: Uint8Array
}

export async function answerHistory(
  archive: Pick<ArchivePort, 'readFlowMeans' | 'readLinks'>,
  { of, id, span, sheet }: HistoryAsked,
): Promise<HistoryAnswer> {
  if (of === 'institution') {
    const found = await institutionHistory(archive, id, span)
    const flows = [...found].map(([flow, points]) => ({ flow, points: points.map(inWords) }))
    const records = (): object[] => flows.flatMap(({ flow, points }) => points.map((point) => ({ flow, ...point })))
    return { isKnown: flows.length > 0, text: textOf(sheet, flows, records) }
  }
  const points = (await linkHistory(archive, id, span)).map(inWords)
  return { isKnown: points.some(({ covered }) => covered > 0), text: textOf(sheet, points, () => points) }
}

function textOf(sheet: HistoryAsked['sheet'], whole: unknown, records: () => readonly object[]): Uint8Array {
  const text = sheet === null ? JSON.stringify(whole) : writeRecords(sheet.columns, records(), sheet.zone)
  return new TextEncoder().encode(text)
}

interface Point {
  readonly at: UnixMilliseconds
  readonly arrived: number | null
  readonly carried: number | null
}

/** Before `carried` was recorded, what arrived was all that was. */
const inWords = <P extends Point>(point: P) => ({
  ...point,
  measured: point.carried ?? point.arrived,
  at: new Date(point.at).toISOString(),
})
