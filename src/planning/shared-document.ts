// A policy as it crosses to threads: as JSON in memory that all of them read.

import type { PolicyDocument } from '../policy/document/document.js'

export const parsed = (document: SharedArrayBuffer): PolicyDocument =>
  JSON.parse(Buffer.from(document).toString('utf8')) as PolicyDocument

export function shared(document: PolicyDocument): SharedArrayBuffer {
  const bytes = Buffer.from(JSON.stringify(document))
  const buffer = new SharedArrayBuffer(bytes.length)
  new Uint8Array(buffer).set(bytes)
  return buffer
}
