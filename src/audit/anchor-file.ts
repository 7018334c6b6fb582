// A file for the end of the trail that this process may only add to. Another account owns it, or whoever takes this
// process over could write it anew; that it cannot be cut short is up to the file system (chattr +a), and is said where
// it is not so.

import { closeSync, constants, openSync, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { MizaniError, messageOf } from '../runtime/errors.js'

const { O_APPEND, O_WRONLY, O_NOFOLLOW } = constants
const OTHERS_MAY_WRITE = 0o002

/**
 * On the disk when it is done; a slow disk holds nobody up meanwhile.
 * @throws MizaniError FILE naming what is wrong with it and the command that mends it.
 */
export async function addAnchor(file: string, line: string): Promise<void> {
  const handle = await opened(file)
  try {
    const fault = faultOf(file, await handle.stat(), process.geteuid?.() ?? -1)
    if (fault !== null) throw refuse(...fault)
    const bytes = Buffer.from(`${line}\n`)
    // One write: whoever reads meanwhile, and whoever else adds to it, sees whole lines.
    if ((await handle.write(bytes)).bytesWritten < bytes.length)
      throw refuse(`${file} takes no whole line: is its disk full?`)
    await handle.sync()
  } catch (error) {
    throw error instanceof MizaniError ? error : refuse(`Cannot add to ${file}: ${messageOf(error)}.`)
  } finally {
    await handle.close()
  }
}

/** Whether this process could cut it short or write over what stands there. */
export function canRewrite(file: string): boolean {
  try {
    closeSync(openSync(file, constants.O_RDWR | O_NOFOLLOW))
    return true
  } catch {
    return false
  }
}

/** The fault and its remedy; null: it will do. */
function faultOf(
  file: string,
  stat: Pick<Stats, 'mode' | 'uid' | 'isFile'>,
  own: number,
): readonly [fault: string, remedy?: string] | null {
  const mend = `chown OTHER:GROUP ${file}; chmod 620 ${file}; chattr +a ${file}`
  if (!stat.isFile()) return [`${file} is not a file.`]
  if (stat.uid === own) return [`${file} belongs to the account that it is to be kept from.`, mend]
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0')
  if ((stat.mode & OTHERS_MAY_WRITE) !== 0) return [`${file} has mode ${mode}: anybody may write it.`, mend]
  return null
}

async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, O_APPEND | O_WRONLY | O_NOFOLLOW)
  } catch (cause) {
    const advice = `Make it as the account that is to own it: touch ${file}; chgrp GROUP ${file}; chmod 620 ${file}.`
    throw refuse(`Cannot add to ${file}: ${messageOf(cause)}.`, advice)
  }
}

const refuse = (message: string, advice?: string): MizaniError =>
  new MizaniError({ code: 'FILE', remedy: 'retry', message, ...(advice === undefined ? {} : { advice }) })
