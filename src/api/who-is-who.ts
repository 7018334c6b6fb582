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
  readonly restricted?: boolean | undefined
  readonly name: { readonly en: string; readonly sw: string }
}

interface Name {
  /** Whose it is: several may be called the same. */
  readonly of: readonly string[]
  /** Where it ends in the text. */
  readonly end: number
}

/** A name of fewer letters is in every other word. */
const SHORTEST_NAME = 3
export const WORD = /[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/gi

export const NOBODY: KnownPolicy = { institutions: {}, sites: {} }

const NONE: readonly Name[] = []

/** Whole: of what changes only in part, the policy itself says whose it is. */
const MADE = /^\/(institutions|sites)\/([^/]+)$/

/** Institutions and sites that changes of a policy make, with their names. */
export function knownIn(changes: readonly { readonly pointer: string; readonly after?: unknown }[]): KnownPolicy {
  const institutions: Record<string, Titled> = {}
  const sites: Record<string, { institution: string }> = {}
  for (const { pointer, after } of changes) {
    if (!isTree(after)) continue
    const [, kind, id = ''] = MADE.exec(pointer) ?? []
    if (kind === 'sites') sites[id] = { institution: textOf(after, 'institution') }
    const { name } = after
    if (kind !== 'institutions') continue
    const restricted = after.restricted === true
    institutions[id] = { name: { en: textOf(name, 'en'), sw: textOf(name, 'sw') }, restricted }
  }
  return { institutions, sites }
}

const textOf = (value: unknown, key: string): string => {
  const found = isTree(value) ? value[key] : undefined
  return typeof found === 'string' ? found : ''
}

export class WhoIsWho {
  readonly #whose = new Map<string, string>()
  /** Whose each name is; in small letters, from its first word on. */
  readonly #names = new Map<string, string[]>()
  /** How long the names are that begin with a word, the longest first. */
  readonly #lengths = new Map<string, number[]>()

  /** @param gone institutions that were in the policy once, whose names nobody has kept */
  constructor(known: KnownPolicy, gone: Iterable<string> = []) {
    for (const id of gone) this.#whose.set(id, id)
    this.add(known)
  }

  /** Learns of these as well. */
  add({ institutions, sites, former = {} }: KnownPolicy): void {
    for (const [id, { institution }] of Object.entries(sites)) this.#whose.set(id, institution)
    for (const [id, { name }] of [...Object.entries(former), ...Object.entries(institutions)]) {
      this.#whose.set(id, id)
      for (const text of [name.en, name.sw]) this.#addName(text.toLowerCase(), id)
    }
  }

  #addName(text: string, of: string): void {
    const [first] = text.match(WORD) ?? []
    if (first === undefined || text.length < SHORTEST_NAME) return
    const name = text.slice(text.indexOf(first))
    const owners = this.#names.get(name) ?? []
    if (!owners.includes(of)) this.#names.set(name, [...owners, of])
    const lengths = this.#lengths.get(first) ?? []
    if (lengths.includes(name.length)) return
    this.#lengths.set(
      first,
      [...lengths, name.length].sort((a, b) => b - a),
    )
  }

  /** The institution that has this id, or a site of this id. */
  whose(id: string): string | undefined {
    return this.#whose.get(id)
  }

  /**
   * The names that begin at this word, the longest first.
   * @param text in small letters
   * @param at where the word begins in it
   */
  namesAt(text: string, word: string, at: number): readonly Name[] {
    const lengths = this.#lengths.get(word)
    if (lengths === undefined) return NONE
    return lengths.flatMap((length) => {
      const of = at + length > text.length ? undefined : this.#names.get(text.slice(at, at + length))
      return of === undefined ? [] : [{ of, end: at + length }]
    })
  }
}
