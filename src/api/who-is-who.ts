// Who is who by id and by name: what is looked up when an answer is held against the sight of a scope. It is made once
// for a policy and shared by all who look at it.

import { isTree } from '../runtime/json.js'

/** What of a policy says who is who. */
export interface KnownPolicy {
  readonly institutions: Readonly<Record<string, Titled & { readonly from?: readonly string[] | undefined }>>
  readonly sites: Readonly<Record<string, { readonly institution: string }>>
  readonly former?: Readonly<Record<string, Titled>> | undefined
}

interface Titled {
  readonly name: { readonly en: string; readonly sw: string }
}

interface Name {
  /** In small letters. */
  readonly text: string
  /** Whose it is. */
  readonly of: string
}

/** A name of fewer letters is in every other word. */
const SHORTEST_NAME = 3
export const WORD = /[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/gi
const WORD_BEGINS = /[a-z0-9]/

export const NOBODY: KnownPolicy = { institutions: {}, sites: {} }

const MADE = /^\/(institutions|sites)\/([^/]+)/

/** Institutions and sites that changes of a policy name, with the names that they give them. */
export function knownIn(changes: readonly { readonly pointer: string; readonly after?: unknown }[]): KnownPolicy {
  const institutions: Record<string, Titled> = {}
  const sites: Record<string, { institution: string }> = {}
  for (const { pointer, after } of changes) {
    const [, kind, id = ''] = MADE.exec(pointer) ?? []
    if (kind === 'sites') sites[id] = { institution: textOf(after, 'institution') || id }
    if (kind !== 'institutions') continue
    const name = isTree(after) ? after.name : undefined
    institutions[id] = { name: { en: textOf(name, 'en'), sw: textOf(name, 'sw') } }
  }
  return { institutions, sites }
}

const textOf = (value: unknown, key: string): string => {
  const found = isTree(value) ? value[key] : undefined
  return typeof found === 'string' ? found : ''
}

export class WhoIsWho {
  readonly #whose = new Map<string, string>()
  /** By their first words, the longest first. */
  readonly #names = new Map<string, Name[]>()

  /** @param gone institutions that were in the policy once, whose names nobody has kept */
  constructor({ institutions, sites, former = {} }: KnownPolicy, gone: Iterable<string> = []) {
    for (const id of gone) this.#whose.set(id, id)
    for (const [id, { institution }] of Object.entries(sites)) this.#whose.set(id, institution)
    for (const [id, { name }] of [...Object.entries(former), ...Object.entries(institutions)]) {
      this.#whose.set(id, id)
      for (const text of new Set([name.en.toLowerCase(), name.sw.toLowerCase()])) this.#addName({ text, of: id })
    }
    for (const names of this.#names.values()) names.sort((a, b) => b.text.length - a.text.length)
  }

  #addName(name: Name): void {
    const [first] = name.text.match(WORD) ?? []
    if (first === undefined || name.text.length < SHORTEST_NAME) return
    const known = this.#names.get(first)
    if (known === undefined) this.#names.set(first, [name])
    else known.push(name)
  }

  /** The institution that has this id, or a site of this id. */
  whose(id: string): string | undefined {
    return this.#whose.get(id)
  }

  /**
   * The longest name that begins at this word.
   * @param text in small letters
   * @param at where the word begins in it
   * @returns whose it is, and where it ends
   */
  nameAt(text: string, word: string, at: number): { readonly of: string; readonly end: number } | undefined {
    const found = this.#names.get(word)?.find((name) => text.startsWith(name.text, at - offsetOf(name.text)))
    return found && { of: found.of, end: at - offsetOf(found.text) + found.text.length }
  }
}

/** Where the first word of a name begins in it. */
const offsetOf = (text: string): number => text.search(WORD_BEGINS)
