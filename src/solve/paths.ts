// Who crosses which link.
//
// Paths are static columns: they are written once, before the first solve of a buffer, so what makes sums over them
// quick is prepared once per buffer and kept: entries link by link (turned.ts), and what flows have in common
// (trunks.ts).

import type { Problem, Shape } from './problem.js'
import { Trunks } from './trunks.js'
import { Turned } from './turned.js'

export class Paths {
  /** Grows whenever other paths are followed. */
  version = 0
  /** By link: 1 when it carries parts of flows. */
  readonly isParted: Uint8Array
  private turned!: Turned
  private trunks!: Trunks
  private known: SharedArrayBuffer | undefined

  constructor({ links }: Shape) {
    this.isParted = new Uint8Array(links)
  }

  /** All that cross each link. */
  get crossing(): Turned {
    return this.turned
  }

  /** Makes sure that these are the paths of p. */
  follow(p: Problem): void {
    if (this.known === p.buffer) return
    this.turned = new Turned(p, () => true)
    this.trunks = new Trunks(p, this.turned)
    for (let l = 0; l < this.isParted.length; l++) this.isParted[l] = this.turned.isParted(l) ? 1 : 0
    this.known = p.buffer
    this.version++
  }

  /** load[l] = sum over all flows of a_li x_i, for all links; x by flow, load by link. */
  load(x: Float64Array, load: Float64Array): void {
    const { trunks } = this
    trunks.others.sum(x, trunks.others.all, load.length, load)
    if (trunks.count > 0) trunks.add(x, load)
  }
}
