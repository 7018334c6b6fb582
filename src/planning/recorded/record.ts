// The record that a scenario's demand is read from: what of it lies in the window, what names it, and what was
// imported.

import { createHash } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import type { Plan } from '../../model/plan.js'
import { DAY, SLOT, type UnixMilliseconds } from '../../model/units.js'
import { Archive } from '../../record/archive.js'
import { MizaniError } from '../../runtime/errors.js'
import type { Problem } from '../../solve/problem.js'
import { measuredLinks } from './measured-links.js'
import type { Recorded } from './source.js'
import { daysOf, type Window } from './window.js'

export interface OpenedRecord extends Recorded {
  /** Of everything in the window that a demand may come from: equal hashes are equal demands. */
  readonly hash: string
  /** The end of the window, or of the last day in it of which anything is kept. */
  readonly until: UnixMilliseconds
}

/**
 * @param intact whose paths say which flows cross an imported link
 * @throws MizaniError NOT_FOUND where nothing lies in the window.
 */
export async function openRecord(
  folder: string,
  window: Window,
  intact: { readonly plan: Plan; readonly problem: Problem },
): Promise<OpenedRecord> {
  if (!existsSync(folder)) throw nothingRecorded(folder, window)
  const archive = new Archive(folder)
  const hash = createHash('sha256')
  let until: UnixMilliseconds | null = null
  for (const start of daysOf(window)) {
    for (const file of archive.filesOf(start).files) {
      hash.update(`${start} ${basename(file)} ${statSync(file).size}\n`)
      until = Math.min(window.to, start + DAY)
    }
  }
  if (until === null) throw nothingRecorded(folder, window)
  const { ids, measured } = await importsIn(archive, window)
  const links = measuredLinks(ids, intact.plan.links, intact.problem)
  return { folder, window, links, measured, until, hash: `sha256:${hash.digest('hex')}` }
}

/** What was imported of links and sites, slot by slot. */
async function importsIn(archive: Archive, { from, to }: Window) {
  const found: { slot: number; link: string; kbps: number }[] = []
  const asked = { from, before: to }
  for await (const rows of archive.walkImports(['slot', 'link', 'carried'], asked))
    for (const [i, link] of rows.link.entries()) {
      const kbps = rows.carried[i] ?? null
      if (kbps !== null) found.push({ slot: (rows.slot[i]! - from) / SLOT, link, kbps })
    }
  const ids = [...new Set(found.map(({ link }) => link))].sort()
  const place = new Map(ids.map((id, n) => [id, n]))
  const measured = new SharedArrayBuffer(4 * ids.length * ((to - from) / SLOT))
  const column = new Float32Array(measured).fill(Number.NaN)
  for (const { slot, link, kbps } of found) column[slot * ids.length + place.get(link)!] = 1_000 * kbps
  return { ids, measured }
}

const nothingRecorded = (folder: string, { from, to }: Window): MizaniError =>
  new MizaniError({
    code: 'NOT_FOUND',
    message: `Nothing is recorded in ${folder} from ${new Date(from).toISOString()} to ${new Date(to).toISOString()}.`,
    advice: 'Name another window, or the folder of the record with --record.',
  })
