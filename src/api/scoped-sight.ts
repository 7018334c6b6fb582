// What an account sees that reads within its scope alone: the answers of the API without whatever names an institution
// of others, its sites or its flows. It is one filter over what is answered, whichever route answers, so that a new
// route, or a new field of an old one, shows nothing by being forgotten. Sums over all, links, edges, tiers and
// whatever else is common stay.
//
// An object that is about somebody else's institution goes from its list; a sentence that names one is left out. In
// doubt more is hidden than has to be: an institution whose name is an everyday word hides whatever has that word.

import { isTree } from '../runtime/json.js'
import { keepRecords } from '../runtime/sheet.js'

/** What of a policy says who is who. */
export interface KnownPolicy {
  readonly institutions: Readonly<Record<string, { readonly name: { readonly en: string; readonly sw: string } }>>
  readonly sites: Readonly<Record<string, { readonly institution: string }>>
  readonly former?:
    | Readonly<Record<string, { readonly name: { readonly en: string; readonly sw: string } }>>
    | undefined
}

/** Stands for what is not shown. */
const HIDDEN = Symbol('hidden')
const BLANK = '…'

/** Fields that say what an object is about. */
const ABOUT = ['id', 'institution', 'subject', 'flow', 'site', 'pointer', 'key']
/** Fields that stand for what the object around them is about. */
const STANDING_FOR = ['on', 'patch']
/** Fields of other kinds of names, which may be spelt like an institution; texts stand elsewhere. */
const OTHERS = [
  ...['category', 'region', 'tier', 'envelope', 'edge', 'edges', 'service', 'direction', 'code', 'kind', 'severity'],
  ...['state', 'band', 'groups', 'from', 'to', 'node', 'via', 'roles', 'actor', 'author', 'by'],
  ...['owner', 'plane', 'etag', 'hash', 'type', 'title', 'status', 'requestId', 'unit', 'regions', 'categories'],
  ...['envelopes', 'tiers', 'verdict', 'behind', 'nextPageToken'],
]
/** Collections of a policy that are keyed by other kinds of names. */
const COMMON = [
  ...['nodes', 'groups', 'links', 'edges', 'services', 'bands', 'classes', 'tiers', 'envelopes', 'categories'],
  ...['regions', 'calendars', 'schedules', 'modes', 'guards', 'tests', 'ceilings', 'weights', 'guarantees'],
]
const OWNED = ['institutions', 'former']
const FLOW = /^([a-z0-9][a-z0-9.-]*)\/[a-z0-9.-]+\/(?:down|up)(?:@|$)/
const PLACE = /^\/(?:institutions|former)\/([^/]+)/
/** Flows that belong to edges, not to institutions. */
const OF_EDGES = ['unmapped', 'control']
/** Of a word; longer ones are no ids of ours. */
const MOST_PARTS = 12
const WORD = /[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/gi

interface Place {
  /** The name under which it stands; of an item, that of its list. */
  readonly key: string
  /** Whether an institution that the policy does not have may be named: a draft of one's own may make one. */
  readonly drafts: boolean
  /** An answer is about something, even if that is hidden. */
  readonly root: boolean
}

export class ScopedSight {
  readonly #own: ReadonlySet<string>
  readonly #foreign: ReadonlySet<string>
  /** Names in small letters by their first words; the longest first, and whether they are one's own. */
  readonly #names = new Map<string, { readonly text: string; readonly own: boolean }[]>()

  constructor(policy: KnownPolicy, isOwn: (institution: string) => boolean) {
    const { institutions, sites, former = {} } = policy
    const own = new Set(Object.keys(institutions).filter(isOwn))
    const others = [...Object.keys(institutions), ...Object.keys(former)].filter((id) => !own.has(id))
    const foreign = Object.entries(sites).filter(([, { institution }]) => !own.has(institution))
    this.#own = own
    this.#foreign = new Set([...others, ...foreign.map(([id]) => id)])
    for (const [id, { name }] of [...Object.entries(institutions), ...Object.entries(former)]) {
      for (const text of new Set([name.en.toLowerCase(), name.sw.toLowerCase()])) {
        const [first] = text.match(WORD) ?? []
        if (first === undefined || text.length < 3) continue
        const known = this.#names.get(first) ?? []
        this.#names.set(first, [...known, { text, own: own.has(id) }])
      }
    }
    for (const names of this.#names.values()) names.sort((a, b) => b.text.length - a.text.length)
  }

  /** Whether a text names somebody else's, by id or by name. */
  mentions(text: string): boolean {
    const small = text.toLowerCase()
    let behind = 0
    for (const { 0: word, index } of small.matchAll(WORD)) {
      if (index < behind) continue
      const named = this.#names.get(word)?.find((name) => small.startsWith(name.text, index - offsetOf(name.text)))
      if (named !== undefined && !named.own) return true
      if (named !== undefined) behind = index - offsetOf(named.text) + named.text.length
      else if (this.#namesForeign(word)) return true
    }
    return false
  }

  /** A word of parts between dots, as in `access.SITE.down`, names who any run of its parts is. */
  #namesForeign(word: string): boolean {
    if (this.#own.has(word)) return false
    if (this.#foreign.has(word)) return true
    const parts = word.split('.')
    if (parts.length < 2 || parts.length > MOST_PARTS) return false
    return parts.some((_, from) => parts.some((_, to) => this.#foreign.has(parts.slice(from, to + 1).join('.'))))
  }

  /** Whether a row of a list is about somebody else's. */
  hides(row: unknown): boolean {
    return this.#seen(row, { key: '', drafts: false, root: false }) === HIDDEN
  }

  /**
   * The answer without what is not to be seen.
   * @param drafts it answers a write of one's own, or a try
   * @returns undefined where the answer as a whole is about somebody else's
   */
  of(answer: unknown, drafts: boolean, actor = ''): unknown {
    const seen = this.#seen(answer, { key: '', drafts, root: drafts }, actor)
    return seen === HIDDEN ? undefined : seen
  }

  /** A sheet without the records of others. */
  sheet(csv: string): string {
    return keepRecords(csv, (cells) => !Object.entries(cells).some(([key, cell]) => this.#hidesText(cell, key, false)))
  }

  #seen(value: unknown, place: Place, actor = ''): unknown {
    if (typeof value === 'string') return this.#text(value, place)
    if (Array.isArray(value)) {
      const item = { ...place, root: false }
      return value.flatMap((inner) => {
        const seen = typeof inner === 'string' && this.#hidesText(inner, place.key, place.drafts) ? HIDDEN : inner
        const shown = seen === HIDDEN ? HIDDEN : this.#seen(inner, item, actor)
        return shown === HIDDEN ? [] : [shown]
      })
    }
    return isTree(value) ? this.#object(value, place, actor) : value
  }

  #object(value: Readonly<Record<string, unknown>>, place: Place, actor: string): unknown {
    const drafts = place.drafts || (actor !== '' && value.author === actor)
    const isAbout = ([key, inner]: [string, unknown]): boolean =>
      ABOUT.includes(key) && typeof inner === 'string' && this.#hidesText(inner, key, drafts)
    if (!place.root && !COMMON.includes(place.key) && Object.entries(value).some(isAbout)) return HIDDEN
    let isHidden = false
    const kept = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
      if (this.#hidesKey(key, place.key, drafts)) return []
      const seen = this.#seen(inner, { key, drafts, root: false }, actor)
      if (seen !== HIDDEN) return [[key, seen]]
      isHidden ||= STANDING_FOR.includes(key)
      return place.key === 'sites' || COMMON.includes(place.key) ? [] : [[key, null]]
    })
    return isHidden && !place.root ? HIDDEN : Object.fromEntries(kept)
  }

  #hidesKey(key: string, collection: string, drafts: boolean): boolean {
    if (COMMON.includes(collection)) return false
    if (OWNED.includes(collection) && !drafts) return !this.#own.has(key)
    return this.#foreign.has(key)
  }

  #text(text: string, { key, drafts }: Place): string {
    if (!this.#hidesText(text, key, drafts)) return text
    const lines = text.split('\n')
    return lines.length === 1 ? BLANK : lines.filter((line) => !this.#hidesText(line, key, drafts)).join('\n')
  }

  #hidesText(text: string, key: string, drafts: boolean): boolean {
    if (OTHERS.includes(key)) return false
    const [, named] = FLOW.exec(text) ?? PLACE.exec(text) ?? (key === 'institution' ? [text, text] : [])
    if (named !== undefined && !OF_EDGES.includes(named)) {
      const isKnown = this.#own.has(named) || this.#foreign.has(named)
      if (isKnown ? this.#foreign.has(named) : !drafts) return true
    }
    return this.mentions(text)
  }
}

/** Where the first word of a name begins in it. */
const offsetOf = (text: string): number => text.search(WORD_BEGINS)
const WORD_BEGINS = /[a-z0-9]/
