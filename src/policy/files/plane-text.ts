// A policy document as the files of a plane's folder: what files.ts reads, written. Reading them gives the same
// document back, to the hash; the comments of whoever wrote the folder by hand are not in the document and so not here.

import { stringify } from 'yaml'
import type { PolicyDocument } from '../document/document.js'
import { YAML_FILES } from './files.js'
import { institutionSheet, siteSheet } from './tables.js'
import { written } from './written.js'

/** Texts by file name. */
export function planeFiles(document: PolicyDocument): Readonly<Record<string, string>> {
  const spelled = written(document) as object
  const yaml = Object.entries(YAML_FILES).map(([file, keys]) => {
    const content = Object.fromEntries(Object.entries(spelled).filter(([key]) => keys.includes(key)))
    // Lines are not folded and nothing is written once for two: what is read strictly is written plainly.
    const text = stringify(content, { version: '1.2', schema: 'core', aliasDuplicateObjects: false, lineWidth: 0 })
    return [file, `# Written by mizani policy get; comments are not kept with a policy.\n\n${text}`]
  })
  const sheets = { 'institutions.csv': institutionSheet(document), 'sites.csv': siteSheet(document) }
  return { ...Object.fromEntries(yaml), ...sheets }
}
