// Two people who changed the same thing. The second one is not only refused, but told in three ways: what others have
// changed since it was read, what this write would have changed in what was read, and where both did. What was read is
// remembered by its ETag for as long as there is room: for many parts, and for few whole policies.

import { changesBetween, overlaps } from '../policy/document/diff.js'
import type { Change } from '../policy/revisions/proposal.js'
import { LruMap } from '../runtime/lru-map.js'

export interface Conflict {
  /** False: what was read is forgotten, and `yours` is against what is in force. */
  readonly known: boolean
  readonly theirs: Change[]
  readonly yours: Change[]
  /** Pointers of `yours` that others have touched as well. */
  readonly both: string[]
}

export class Conflicts {
  readonly #read: LruMap<unknown>

  /** @param most ETags that are remembered. */
  constructor(most: number) {
    this.#read = new LruMap(most)
  }

  /** Somebody was shown this under this ETag. */
  remember(etag: string, shown: unknown): void {
    this.#read.set(etag, shown)
  }

  /**
   * @param tags that the writer showed. @param wanted what was to be written; undefined: it was to go.
   * @param path of it in the policy.
   */
  between(tags: readonly string[], present: unknown, wanted: unknown, path: readonly string[] = []): Conflict {
    const tag = tags.find((shown) => this.#read.has(shown))
    if (tag === undefined) return { known: false, theirs: [], yours: changesBetween(present, wanted, path), both: [] }
    const base = this.#read.peek(tag)
    const theirs = changesBetween(base, present, path)
    const yours = changesBetween(base, wanted, path)
    const both = yours.filter((change) => overlaps([change], theirs) !== null).map(({ pointer }) => pointer)
    return { known: true, theirs, yours, both }
  }
}
