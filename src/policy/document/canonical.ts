// The hash of a policy, made on its one spelling: neither key order nor a file's layout is a change.

import { createHash } from 'node:crypto'
import { canonicalJson } from '../../model/canonical.js'
import { isTree } from '../../runtime/json.js'

/** "sha256:" and 64 hex digits over the canonical JSON in UTF-8. */
export function hashOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`
}

/**
 * The same hash, for documents that share most of their collections and members: each is spelled once. What it has seen
 * must not be changed any more.
 */
export function createHasher(): (document: unknown) => string {
  const members = new WeakMap<object, Spelled>()
  const collections = new WeakMap<object, Buffer>()
  /** With its name: a member is as good as always called what it was called before. */
  const member = (name: string, part: unknown): string => {
    const spell = (): Spelled => ({ name, text: [JSON.stringify(name), ':', canonicalJson(part)].join('') })
    if (typeof part !== 'object' || part === null) return spell().text
    const known = members.get(part)
    if (known?.name === name) return known.text
    const spelled = spell()
    members.set(part, spelled)
    return spelled.text
  }
  const collection = (part: unknown): Buffer =>
    once(collections, part, (it) => {
      if (!isTree(it)) return Buffer.from(canonicalJson(it), 'utf8')
      const names = Object.keys(it).filter((name) => it[name] !== undefined)
      const bits = names.sort().map((name) => member(name, it[name]))
      return Buffer.from(`{${bits.join(',')}}`, 'utf8')
    })
  return (document) => {
    if (!isTree(document)) return hashOf(document)
    const hash = createHash('sha256')
    let before = '{'
    for (const key of Object.keys(document).sort()) {
      if (document[key] === undefined) continue
      hash.update(`${before}${JSON.stringify(key)}:`).update(collection(document[key]))
      before = ','
    }
    return `sha256:${hash.update(before === '{' ? '{}' : '}').digest('hex')}`
  }
}

/** `"name":value`. */
interface Spelled {
  readonly name: string
  readonly text: string
}

function once<Made>(known: WeakMap<object, Made>, part: unknown, spell: (part: unknown) => Made): Made {
  if (typeof part !== 'object' || part === null) return spell(part)
  const spelled = known.get(part) ?? spell(part)
  known.set(part, spelled)
  return spelled
}
