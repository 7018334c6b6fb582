// Who crosses which link.
//
// Paths are static columns: they are written once, before the first solve of a buffer, so what makes sums over them
// quick is prepared once and kept: entries link by link (paths-by-link.ts), and what flows have in common
// (path-groups.ts). A problem with the same paths in another buffer is recognised, and nothing is prepared again.

import { Kernel } from './kernel/kernel.js'
import { LinearMemory } from './kernel/linear-memory.js'
import { PathGroups } from './path-groups.js'
import { LinkIndex } from './paths-by-link.js'
import {
  type Columns,
  hasRoomFor,
  haveEqualPaths,
  type KeptPaths,
  keptPaths,
  type Problem,
  type Shape,
} from './problem.js'

const NO_LINK = 0xffffffff

export class Paths {
  /** Grows whenever other paths are followed. */
  version = 0
  /** By link: 1 when it carries parts of flows. */
  readonly isParted: Uint8Array
  /** Where all columns lie that passes over these paths read or write. */
  readonly memory: LinearMemory
  private readonly shape: Shape
  /** All that cross each link. */
  readonly crossing: LinkIndex
  private readonly groups: PathGroups
  /** Flow by flow, as the problem has them; an entry that carries nothing names NO_LINK. */
  private readonly routeStart: Uint32Array
  private readonly routeLink: Uint32Array
  private known: KeptPaths | undefined
  /** Columns that hold these paths: what was compared once does not change. A buffer may come to hold others. */
  private alike = new WeakSet<Columns['pathLink']>()

  /**
   * @param shape of the problems; they may have fewer entries
   * @param beside other paths of such problems, whose kernels have in common with these what is neither's own
   */
  constructor(shape: Shape, beside: Paths | null = null) {
    this.shape = shape
    this.memory = new LinearMemory(shape, beside?.memory)
    this.crossing = new LinkIndex(this.memory, 'crossing')
    this.groups = new PathGroups(this.memory)
    this.routeStart = this.memory.column('routeStart')
    this.routeLink = this.memory.column('routeLink')
    this.isParted = this.memory.u8(shape.links)
  }

  /** Passes over these paths, for one user, who has columns of its own. */
  kernel(): Kernel {
    return new Kernel(this.memory)
  }

  /** Whether these are the paths of p, and nothing need be prepared. */
  areOf(p: Problem): boolean {
    const { known, alike } = this
    if (known === undefined) return false
    if (alike.has(p.pathLink)) return true
    const isAlike = hasRoomFor(p.shape, this.shape) && haveEqualPaths(known, p)
    if (isAlike) alike.add(p.pathLink)
    return isAlike
  }

  /** Makes sure that these are the paths of p. */
  follow(p: Problem): void {
    const isKnown = this.areOf(p)
    if (isKnown) return
    this.known = keptPaths(p)
    this.alike = new WeakSet([p.pathLink])
    const { crossing, isParted } = this
    crossing.build(p, () => true)
    this.groups.find(p)
    for (let l = 0; l < isParted.length; l++) isParted[l] = crossing.isParted(l) ? 1 : 0
    this.routeStart.set(p.pathStart)
    for (let e = 0; e < p.shape.nonZeros; e++) this.routeLink[e] = p.pathFraction[e]! > 0 ? p.pathLink[e]! : NO_LINK
    this.version++
  }
}
