// The end of the trail, written where whoever rewrites the trail cannot: a line with number, hash and signature, in a
// file that another account owns or with a syslog server. What is cut off, changed or put in another order since, or
// gone with a store that was restored, is then no longer what the line says.

import type { Link } from './chain.js'
import { isSigned, signedBy } from './signing.js'

export interface Anchor extends Link {
  readonly plane: string
  readonly signature: string
}

export const anchorLine = ({ plane, n, hash, signature }: Anchor): string =>
  `mizani-audit plane=${plane} n=${n} hash=${hash} by=${signature}`

const LINE = /mizani-audit plane=([\w.-]{1,63}) n=(\d{1,15}) hash=([0-9a-f]{64}) by=([\w.-]{1,200})/

/** Those of a file, whatever a syslog server has written around them; of one plane, or of all. */
export function anchorsIn(text: string, plane: string | null): Anchor[] {
  return text.split('\n').flatMap((line) => {
    const [, of = '', n, hash = '', signature = ''] = LINE.exec(line) ?? []
    return n === undefined || (plane !== null && of !== plane) ? [] : [{ plane: of, n: Number(n), hash, signature }]
  })
}

/**
 * Those that a key of the trail has signed: others may write into such a file too, and what they write says nothing.
 * @param keys null: any key will do.
 */
export async function genuine(anchors: readonly Anchor[], keys: ReadonlySet<string> | null): Promise<Anchor[]> {
  const found: Anchor[] = []
  for (const anchor of anchors) {
    const by = signedBy(anchor.signature)
    const isKnown = by !== null && (keys === null || keys.has(by))
    if (isKnown && (await isSigned(anchor, anchor.signature))) found.push(anchor)
  }
  return found
}
