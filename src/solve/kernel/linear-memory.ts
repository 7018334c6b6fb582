// Memory that both JavaScript and the kernel see: columns are made here, and the kernel is told where they are.

import type { Shape } from '../problem.js'
import { COLUMNS, type ColumnName, type Columns } from './columns.js'

/** What WebAssembly counts memory in, bytes, and the most of them that it can address. */
const PAGE = 65_536
const MOST_PAGES = 65_536
/** What takes no memory until it is written to: enough for a nation. */
const FIRST_PAGES = 256
/** Columns start at multiples of this many bytes, cache lines; the kernel may write up to the end of a line. */
const LINE = 64

/** Addresses that are handed out one after the other, and never given back. */
class Space {
  // Shared memory grows without pulling the ground from under columns that were made before.
  readonly memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true })
  private end = LINE

  /** Throws RangeError when all columns together pass 4 GiB. */
  take(bytes: number): number {
    const at = this.end
    const end = LINE * Math.ceil((at + bytes) / LINE)
    const pages = Math.ceil(end / PAGE)
    const has = this.memory.buffer.byteLength / PAGE
    if (pages >= MOST_PAGES) {
      throw new RangeError('the problem does not fit the 4 GiB that a solver can address; solve fewer flows at once')
    }
    // Growing is dear, what is not written to is free: by half at least.
    if (pages > has) this.memory.grow(Math.min(MOST_PAGES, Math.max(pages, Math.ceil(1.5 * has))) - has)
    this.end = end
    return at
  }
}

/** Where named columns lie. */
type Places = Map<string, number>

/**
 * Columns are never given back one by one: the memory goes as a whole, with the last that looks at it. Each reserves
 * some GiB of addresses, and the garbage collector does not see what it holds: make few, and use them again.
 */
export class LinearMemory {
  /** Of the problems whose columns stand here. */
  readonly shape: Shape
  private readonly space: Space
  private readonly common: Places
  private readonly ofPaths: Places = new Map()

  /** @param beside the memory of other paths: all that is not theirs is common to both */
  constructor(shape: Shape, beside: LinearMemory | null = null) {
    this.shape = shape
    this.space = beside?.space ?? new Space()
    this.common = beside?.common ?? new Map()
  }

  get memory(): WebAssembly.Memory {
    return this.space.memory
  }

  /** A column that passes find: the one that all have in common, or else a new one. */
  column<N extends ColumnName>(name: N): Columns[N] {
    const [type, owner, length] = COLUMNS[name]
    // The table is the type: what it says of a name is what is made.
    return this[type](length(this.shape), owner === 'own' ? '' : name) as Columns[N]
  }

  // Columns of one name and length are one.

  f64(length: number, name = ''): Float64Array {
    const at = this.place(8 * length, name)
    return new Float64Array(this.memory.buffer, at, length)
  }

  u32(length: number, name = ''): Uint32Array {
    const at = this.place(4 * length, name)
    return new Uint32Array(this.memory.buffer, at, length)
  }

  i32(length: number, name = ''): Int32Array {
    const at = this.place(4 * length, name)
    return new Int32Array(this.memory.buffer, at, length)
  }

  u16(length: number, name = ''): Uint16Array {
    const at = this.place(2 * length, name)
    return new Uint16Array(this.memory.buffer, at, length)
  }

  u8(length: number, name = ''): Uint8Array {
    const at = this.place(length, name)
    return new Uint8Array(this.memory.buffer, at, length)
  }

  private place(bytes: number, name: string): number {
    if (name === '') return this.space.take(bytes)
    const places = isOfPaths(name) ? this.ofPaths : this.common
    const key = `${name} ${bytes}`
    const at = places.get(key) ?? this.space.take(bytes)
    places.set(key, at)
    return at
  }
}

const isOfPaths = (name: string): boolean => name in COLUMNS && COLUMNS[name as ColumnName][1] === 'paths'
