// mizani init: a plane to begin with. Each file explains itself and holds one example of everything, so that the folder
// loads, validates and starts at once, and is changed by writing over the examples.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { EMPTY_PLANE } from './empty-plane.js'

/** Writes the files of an empty plane. @throws MizaniError FOLDER_NOT_EMPTY, FOLDER_UNUSABLE. */
export async function runInit({ directory }: { directory: string }, { stderr }: Io): Promise<void> {
  let present: string[]
  try {
    mkdirSync(directory, { recursive: true })
    present = readdirSync(directory)
  } catch (error) {
    throw new MizaniError({ code: 'FOLDER_UNUSABLE', message: `${directory} cannot be used: ${messageOf(error)}` })
  }
  if (present.length > 0) {
    throw new MizaniError({
      code: 'FOLDER_NOT_EMPTY',
      message: `${directory} is not empty (it holds ${present[0]}): nothing was written.`,
      advice: 'Name a folder that does not exist yet.',
    })
  }
  for (const [name, text] of Object.entries(EMPTY_PLANE)) writeFileSync(join(directory, name), text)
  stderr.write(
    `Wrote ${Object.keys(EMPTY_PLANE).join(', ')} to ${directory}.\n` +
      'What may stand in them: `mizani explain-policy`.\n' +
      `Edit them, check with \`mizani policy validate ${directory}\`, start with \`mizani up --plane ${directory}\`.\n`,
  )
}
