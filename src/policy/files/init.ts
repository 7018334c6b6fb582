// mizani init: a plane to begin with. Each file explains itself and holds one example of everything, so that the folder
// loads, validates and starts at once, and is changed by writing over the examples.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Io } from '../../runtime/io.js'
import { emptyFolder } from './empty-folder.js'
import { EMPTY_PLANE } from './empty-plane.js'

/** Writes the files of an empty plane. @throws MizaniError FOLDER_NOT_EMPTY, FOLDER_UNUSABLE. */
export async function runInit({ directory }: { directory: string }, { stderr }: Io): Promise<void> {
  emptyFolder(directory)
  for (const [name, text] of Object.entries(EMPTY_PLANE)) writeFileSync(join(directory, name), text)
  stderr.write(
    `Wrote ${Object.keys(EMPTY_PLANE).join(', ')} to ${directory}.\n` +
      'What may stand in them: `mizani explain-policy`.\n' +
      `Edit them, check with \`mizani policy validate ${directory}\`, start with \`mizani up --plane ${directory}\`.\n`,
  )
}
