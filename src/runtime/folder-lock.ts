// One process at a time on a data folder: two of them would both start, and diverge.
//
// The lock is a file that names its holder: process id and the time the kernel started it, for ids are used again. A
// lock whose holder is gone (kill -9, power cut) is taken over. The file appears whole or not at all (link), and a
// stale one is moved aside and looked at again before it counts as gone, so that of two processes that find it only
// one succeeds.

import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { MizaniError } from './errors.js'
import { startOf } from './process-start.mjs'

const LOCK = 'lock'

export interface FolderLock {
  release(): void
}

/** @throws MizaniError FOLDER_LOCKED, exit code 1, with the holder's process id. */
export function lockFolder(folder: string): FolderLock {
  const lock = join(folder, LOCK)
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  const draft = `${lock}.${process.pid}`
  writeFileSync(draft, mine, { mode: 0o600 })
  try {
    while (!tryLink(draft, lock)) {
      const holder = readOrNull(lock)
      if (holder === null) continue
      if (isHeld(holder)) throw locked(folder, holder)
      moveAside(lock, holder)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    release() {
      if (readOrNull(lock) === mine) rmSync(lock, { force: true })
    },
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Takes the stale lock away; what was put there in the meantime by another process is put back. */
function moveAside(lock: string, stale: string): void {
  const aside = `${lock}.stale.${process.pid}`
  try {
    renameSync(lock, aside)
  } catch {
    return
  }
  if (readOrNull(aside) !== stale) tryLink(aside, lock)
  rmSync(aside, { force: true })
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

function isHeld(holder: string): boolean {
  const [pid = '', start = ''] = holder.trim().split(' ')
  return start !== '' && startOf(Number(pid)) === start
}

function locked(folder: string, holder: string): MizaniError {
  const pid = holder.split(' ')[0]
  return new MizaniError({
    code: 'FOLDER_LOCKED',
    message: `The data folder ${folder} is in use by process ${pid}.`,
    advice: `Stop it (kill ${pid}), or use another folder: MIZANI_DATA=DIR.`,
  })
}

/** Ours alone. A folder that others use already is not made private under their feet, but refused. */
export function openFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if ((statSync(folder).mode & 0o077) === 0) return
  const names = readdirSync(folder)
  if (names.length > 0 && !names.includes('store-secrets.json')) {
    throw new MizaniError({
      code: 'FOLDER_OPEN',
      message: `The data folder ${folder} is open to others and holds files that are not ours.`,
      advice: `Use another folder (MIZANI_DATA=DIR), or close this one: chmod 700 ${folder}`,
    })
  }
  chmodSync(folder, 0o700)
}
