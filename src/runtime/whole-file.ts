// A file that is written whole or not at all: beside, flushed, renamed, and the folder flushed. Under its name there is
// what stood there before or what stands there now, whenever the machine stops.

import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { open, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export const BESIDE = '.writing'

/** Never leaves half a file under this name, and is on the disk when it returns. @throws what the disk says. */
export function writeWhole(file: string, content: Uint8Array | string): void {
  const bytes = Buffer.from(content)
  const beside = `${file}${BESIDE}`
  try {
    const handle = openSync(beside, 'w', 0o600)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    renameSync(beside, file)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(dirname(file))
}

/** As `writeWhole`, for a thread that has others to serve while a disk is slow; one at a time of a file. */
export async function writeWholeAside(file: string, content: string): Promise<void> {
  const beside = `${file}${BESIDE}`
  try {
    await writeFile(beside, content, { mode: 0o600, flush: true })
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  const folder = await open(dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}

/**
 * As `writeWhole`, mode 0600, for a file that is not there; of two who write the first one, also from two machines, one
 * is kept. Once it is there, what others have written beside it is of no use, also to who was killed over it.
 */
export function writeFirst(file: string, content: string): void {
  const folder = dirname(file)
  const drafts = `${basename(file)}${BESIDE}.`
  const beside = join(folder, `${drafts}${randomUUID()}`)
  try {
    writeFileSync(beside, content, { mode: 0o600, flush: true, flag: 'wx' })
    linkSync(beside, file)
    syncFolder(folder)
  } catch (error) {
    // Somebody else was first, and may have taken this draft away.
    const { code } = error as NodeJS.ErrnoException
    if ((code !== 'EEXIST' && code !== 'ENOENT') || !existsSync(file)) throw error
  } finally {
    rmSync(beside, { force: true })
  }
  for (const name of readdirSync(folder)) if (name.startsWith(drafts)) rmSync(join(folder, name), { force: true })
}

/** A rename is on the disk once the folder is. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
