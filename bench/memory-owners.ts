// Who holds what of a heap? Every object of a snapshot belongs to the owner from which it is reached in the fewest
// steps; an owner is a class of ours, by the folder in which it stands. What several reach is the nearest one's, so the
// sums come to the whole heap, and none of them is exact.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: string[]; readonly node_types: [string[]]; readonly edge_fields: string[] }
    readonly node_count: number
  }
  readonly nodes: number[]
  readonly edges: number[]
  readonly strings: string[]
}

export interface Owned {
  readonly owner: string
  readonly bytes: number
}

/** Class to "folder/file" for every class of the compiled sources. */
export function classesOf(folder: string): Map<string, string> {
  const owners = new Map<string, string>()
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.js')) continue
    const file = join(entry.parentPath, entry.name)
    const name = file.slice(folder.length, -'.js'.length)
    for (const [, found] of readFileSync(file, 'utf8').matchAll(/^(?:export )?class (\w+)/gm)) owners.set(found!, name)
  }
  return owners
}

/** Bytes by owner, the largest first. */
export function ownersOf(file: string, classes: ReadonlyMap<string, string>): Owned[] {
  const { snapshot, nodes, edges, strings } = JSON.parse(readFileSync(file, 'utf8')) as Snapshot
  const { node_fields: fields, node_types: types, edge_fields: edgeFields } = snapshot.meta
  const [width, edgeWidth] = [fields.length, edgeFields.length]
  const at = (name: string): number => fields.indexOf(name)
  const [type, name, size, edgeCount] = [at('type'), at('name'), at('self_size'), at('edge_count')]
  const to = edgeFields.indexOf('to_node')
  const kindOf = (node: number): string => types[0][nodes[node * width + type]!]!
  const count = nodes.length / width
  const firstEdge = new Uint32Array(count + 1)
  for (let n = 0; n < count; n++) firstEdge[n + 1] = firstEdge[n]! + nodes[n * width + edgeCount]!
  const owner = new Int32Array(count).fill(-1)
  const owners: string[] = []
  let queue: number[] = []
  for (let n = 0; n < count; n++) {
    if (kindOf(n) !== 'object') continue
    const known = classes.get(strings[nodes[n * width + name]!]!)
    if (known === undefined) continue
    if (!owners.includes(known)) owners.push(known)
    owner[n] = owners.indexOf(known)
    queue.push(n)
  }
  while (queue.length > 0) {
    const next: number[] = []
    for (const n of queue) {
      for (let e = firstEdge[n]!; e < firstEdge[n + 1]!; e++) {
        const node = edges[e * edgeWidth + to]! / width
        // A context leads to everything that a module can name.
        if (owner[node] !== -1 || isShared(kindOf(node))) continue
        owner[node] = owner[n]!
        next.push(node)
      }
    }
    queue = next
  }
  const bytes = new Map<string, number>()
  for (let n = 0; n < count; n++) {
    const key = owner[n]! >= 0 ? owners[owner[n]!]! : `no class of ours: ${kindOf(n)}`
    bytes.set(key, (bytes.get(key) ?? 0) + nodes[n * width + size]!)
  }
  return [...bytes].map(([key, sum]) => ({ owner: key, bytes: sum })).sort((a, b) => b.bytes - a.bytes)
}

const isShared = (kind: string): boolean => kind === 'closure' || kind === 'code' || kind === 'synthetic'
