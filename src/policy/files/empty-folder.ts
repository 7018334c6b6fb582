// A folder that is written for somebody: it holds nothing yet, so that nothing of theirs is written over.

import { mkdirSync, readdirSync } from 'node:fs'
import { MizaniError, messageOf } from '../../runtime/errors.js'

/** Makes the folder where it is not there. @throws MizaniError FOLDER_NOT_EMPTY, FOLDER_UNUSABLE. */
export function emptyFolder(directory: string): void {
  let present: string[]
  try {
    mkdirSync(directory, { recursive: true })
    present = readdirSync(directory)
  } catch (error) {
    throw new MizaniError({ code: 'FOLDER_UNUSABLE', message: `${directory} cannot be used: ${messageOf(error)}` })
  }
  if (present.length === 0) return
  throw new MizaniError({
    code: 'FOLDER_NOT_EMPTY',
    message: `${directory} is not empty (it holds ${present[0]}): nothing was written.`,
    advice: 'Name a folder that does not exist yet.',
  })
}
