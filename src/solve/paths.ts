// Who crosses which link.
//
// Paths are static columns: they are written once, before the first solve of a buffer, so what makes sums over them
// quick is prepared once and kept: entries link by link (paths-by-link.ts), and what flows have in common
// (path-groups.ts). A problem with the same paths in another buffer is recognised, and nothing is prepared again.

import { Kernel } from './kernel/kernel.js'
import { LinearMemory } from './kernel/linear-memory.js'
import { PathGroups } from './path-groups.js'
import { LinkIndex } from './paths-by-link.js'
import { areAlike, isEqualShape, type Problem, type Shape } from './problem.js'

const STATIC = ['pathStart', 'pathLink', 'pathFraction'] as const

const NO_LINK = 0xffffffff

export class Paths {
  /** Grows whenever other paths are followed. */
  version = 0
  /** By link: 1 when it carries parts of flows. */
  readonly isParted: Uint8Array
  /** Where all columns lie that passes over these paths read or write. */
  readonly memory = new LinearMemory()
  private readonly shape: Shape
  private readonly kernels: Kernel[] = []
  /** All that cross each link. */
  readonly crossing: LinkIndex
  private readonly pathGroups: PathGroups
  /** Flow by flow, as the problem has them; an entry that carries nothing names NO_LINK. */
  private readonly routeStart: Uint32Array
  private readonly routeLink: Uint32Array
  private known: Problem | undefined

  constructor(shape: Shape) {
    this.shape = shape
    this.crossing = new LinkIndex(shape, this.memory)
    this.pathGroups = new PathGroups(shape, this.memory)
    this.routeStart = this.memory.u32(shape.flows + 1)
    this.routeLink = this.memory.u32(shape.nonZeros)
    this.isParted = this.memory.u8(shape.links)
  }

  /** Passes over these paths, for one user, who has columns of its own. */
  kernel(): Kernel {
    const kernel = new Kernel(this.memory)
    kernel.setCount('flows', this.shape.flows)
    kernel.setCount('links', this.shape.links)
    this.kernels.push(kernel)
    this.place(kernel)
    return kernel
  }

  /** Whether these are the paths of p, and nothing need be prepared. */
  areOf(p: Problem): boolean {
    const { known } = this
    if (known === undefined || known.buffer === p.buffer) return known !== undefined
    return isEqualShape(this.shape, p.shape) && areAlike(known, p, STATIC)
  }

  /** Makes sure that these are the paths of p. */
  follow(p: Problem): void {
    const isKnown = this.areOf(p)
    this.known = p
    if (isKnown) return
    const { crossing, pathGroups, isParted } = this
    crossing.build(p, () => true)
    pathGroups.find(p, crossing)
    for (let l = 0; l < isParted.length; l++) isParted[l] = crossing.isParted(l) ? 1 : 0
    this.routeStart.set(p.pathStart)
    for (let e = 0; e < p.shape.nonZeros; e++) this.routeLink[e] = p.pathFraction[e]! > 0 ? p.pathLink[e]! : NO_LINK
    for (const kernel of this.kernels) this.place(kernel)
    this.version++
  }

  private place(kernel: Kernel): void {
    const { crossing, pathGroups } = this
    const { others } = pathGroups
    kernel.setCount('tiles', crossing.tiles)
    kernel.setCount('pathGroupCount', pathGroups.count)
    kernel.place({
      crossingStart: crossing.start,
      crossingParts: crossing.parts,
      crossingFlow: crossing.flow,
      crossingFraction: crossing.fraction,
      routeStart: this.routeStart,
      routeLink: this.routeLink,
      otherStart: others.start,
      otherParts: others.parts,
      otherFlow: others.flow,
      otherFraction: others.fraction,
      otherLinks: others.all,
      pathGroupStart: pathGroups.start,
      pathGroupFlow: pathGroups.flow,
      pathGroupSum: pathGroups.sum,
      pathGroupLinkStart: pathGroups.linkStart,
      pathGroupOnLink: pathGroups.group,
      pathGroupFraction: pathGroups.fraction,
    })
  }
}
