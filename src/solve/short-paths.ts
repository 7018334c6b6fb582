// Paths of flows over few links, flow by flow.
//
// Whoever stops a flow charges the links on its path, and of those only the few count that bind at the moment. So paths
// are shortened to links that have bound before, and shortened again only when another one does. What is charged to
// links that do not bind now is never read.

import type { LinearMemory } from './kernel/linear-memory.js'
import type { Problem, Shape } from './problem.js'

export class ShortPaths {
  /** By flow: entries start[i] .. start[i + 1] - 1. */
  readonly start: Uint32Array
  readonly link: Uint32Array
  readonly fraction: Float64Array
  private readonly isKept: Uint8Array
  private known: number | undefined

  /** With a memory, the paths stand there. */
  constructor({ flows, links, nonZeros }: Shape, memory?: LinearMemory) {
    this.start = memory?.u32(flows + 1) ?? new Uint32Array(flows + 1)
    this.link = memory?.u32(nonZeros) ?? new Uint32Array(nonZeros)
    this.fraction = memory?.f64(nonZeros) ?? new Float64Array(nonZeros)
    this.isKept = new Uint8Array(links)
  }

  /** Makes sure that the first `count` of these links are on the paths. @param version of the paths (paths.ts) */
  keep(p: Problem, version: number, links: Uint32Array, count: number): void {
    const { isKept } = this
    if (this.known !== version) isKept.fill(0)
    let isNew = this.known !== version
    for (let k = 0; k < count; k++) {
      isNew ||= isKept[links[k]!] === 0
      isKept[links[k]!] = 1
    }
    if (isNew) this.shorten(p)
    this.known = version
  }

  private shorten({ shape: { flows }, pathStart, pathLink, pathFraction }: Problem): void {
    const { start, link, fraction, isKept } = this
    let n = 0
    for (let i = 0; i < flows; i++) {
      start[i] = n
      for (let e = pathStart[i]!, end = pathStart[i + 1]!; e < end; e++) {
        if (isKept[pathLink[e]!] === 0 || !(pathFraction[e]! > 0)) continue
        link[n] = pathLink[e]!
        fraction[n++] = pathFraction[e]!
      }
    }
    start[flows] = n
  }
}
