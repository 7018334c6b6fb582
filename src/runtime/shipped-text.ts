// Files that ship with Mizani and are written out as they are. The program of a gateway is one file without any beside
// it: build.mjs puts their texts into it.

import { readFileSync } from 'node:fs'
import { shippedFile } from './config.js'

/** By name; absent where they are files. */
declare const MIZANI_SHIPPED: Readonly<Record<string, string>> | undefined

/** Whether this program is one file, which can be put anywhere. */
export const IS_ONE_FILE = typeof MIZANI_SHIPPED !== 'undefined'

/** Names a file of the project, such as config/systemd/mizani-edge.service. */
export const shippedText = (name: string): string =>
  (typeof MIZANI_SHIPPED === 'undefined' ? undefined : MIZANI_SHIPPED[name]) ?? readFileSync(shippedFile(name), 'utf8')
