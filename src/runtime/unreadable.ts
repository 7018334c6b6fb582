// Why a file that somebody named cannot be read, in words that help to name another.

import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { messageOf } from './errors.js'
import { didYouMean } from './near-word.js'

/** Begins with the file; no full stop at its end. */
export function unreadable(file: string, error: unknown): string {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return `${file}: ${messageOf(error)}`
  const folder = dirname(file)
  if (!existsSync(folder)) return `${file}: there is no folder ${folder}`
  return `${file}: no such file${didYouMean(basename(file), readdirSync(folder))}`
}
