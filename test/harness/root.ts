// Where things are: tests run compiled, in .compiled/, and what they start is there too (src/bin/build.mjs).

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder, with its sources and what it ships. */
export const ROOT = join(fileURLToPath(new URL('.', import.meta.url)), '..', '..', '../')

/** The default plane. */
export const TAIFA = join(ROOT, 'config', 'taifa')

/** A file of the sources, as Node runs it. */
export const compiled = (file: string): string => join(ROOT, '.compiled', file.replace(/\.ts$/, '.js'))

/** The command line. */
export const CLI = compiled('src/cli.ts')
