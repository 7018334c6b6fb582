// A digest: what is left of a day of the record for one kind of reader, kept beside its tables because they take seconds
// to read. It is named by what it was made from, so that it is made anew where that has changed (an import), and it
// says nothing that the tables do not say.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { UnixMilliseconds } from '../model/units.js'
import { writeWhole } from '../runtime/whole-file.js'
import type { Archive } from './archive.js'

/** Days of which it is kept while a tidy lasts: a record of before is caught up with in turn. */
const MOST_A_TIDY = 3

/** Its file, named by the files of the day and their sizes; null: the day goes on. */
export function digestOf(archive: Archive, start: UnixMilliseconds, kind: string, format: number): string | null {
  const { folder, files, isOver } = archive.filesOf(start)
  if (!isOver) return null
  const hash = createHash('sha256').update(String(format))
  for (const file of files) hash.update(`${basename(file)} ${statSync(file).size}\n`)
  return join(folder, `${kind}-${hash.digest('hex').slice(0, 16)}.gz`)
}

/** Keeps it of the days that are over, the newest first. Runs in the archive's thread, which alone writes there. */
export async function keepDigests(
  archive: Archive,
  kind: string,
  format: number,
  make: (start: UnixMilliseconds) => Promise<Uint8Array>,
): Promise<void> {
  let made = 0
  for (const day of archive.days().reverse()) {
    if (made === MOST_A_TIDY) return
    const start = Date.parse(`${day}T00:00:00Z`)
    const path = digestOf(archive, start, kind, format)
    if (path === null || existsSync(path)) continue
    const bytes = await make(start)
    for (const name of readdirSync(dirname(path)))
      if (name.startsWith(`${kind}-`) && name.endsWith('.gz')) rmSync(join(dirname(path), name))
    writeWhole(path, bytes)
    made++
  }
}
