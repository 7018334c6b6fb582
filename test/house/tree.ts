// What the rules of the house read: the files of the project as they stand, not git.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../harness/root.js'
import type { Tree } from './rules.js'

const FOLDERS = ['src', 'workers', 'bench', 'test', 'config', '.ci']
const TEXT = /\.(tsx?|mjs|lua|yaml|cff|json|md|csv|html|css|svg)$|\/run$/

export function readTree(): Tree {
  const top = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isFile() && TEXT.test(entry.name) && entry.name !== 'package-lock.json')
    .map((entry) => entry.name)
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
  )
  const files = [...top, ...below].filter((file) => TEXT.test(file)).sort()
  return new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
}
