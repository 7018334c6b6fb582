// What an account sees that reads within its scope alone: the answers of the API without whatever names an institution
// of others, its sites or its flows. It is one filter over what is answered, whichever route answers, so that a new
// route, or a new field of an old one, shows nothing by being forgotten. Sums over all, links, edges, tiers and
// whatever else is common stay.
//
// An object that is about somebody else's institution goes from its list; a sentence that names one is left out. In
// doubt more is hidden than has to be: an institution whose name is an everyday word hides whatever has that word.

import { isTree } from '../runtime/json.js'
import { type WhoIsWho, WORD } from './who-is-who.js'

/** Stands for what is not shown. */
const HIDDEN = Symbol('hidden')
const BLANK = '…'

/** Fields that say what an object is about. */
const ABOUT = ['id', 'institution', 'subject', 'flow', 'site', 'pointer', 'key']
/** Fields that stand for what the object around them is about. */
const STANDING_FOR = ['on', 'patch']
/** Fields that say whose proposal an object is, what it changes, and what a thing in force concerns. */
const PROPOSED = ['author', 'changes', 'subjects']
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
  ...['contracts', 'agreements', 'sharing'],
]
const OWNED = ['institutions', 'former']
/** Lists and fields of ids that are nobody else's for certain, or not shown. */
const OF_IDS = ['institution', 'site', 'sites']
/** What stands in a list is called so: an institution was made from institutions, and no list is keyed by ids. */
const ITEMS: Readonly<Record<string, string>> = { from: 'institution', institutions: 'institution', sites: 'site' }
const FLOW = /^([a-z0-9][a-z0-9.-]*)\/[a-z0-9.-]+\/(?:down|up)(?:@|$)/
const PLACE = /^\/(?:institutions|former|sites)\/([^/]+)/
/** The line of a site. */
const LINE = /^access\.(.+)\.(?:down|up)$/
/** Flows that belong to edges, not to institutions. */
const OF_EDGES = ['unmapped', 'control']
/** What an envelope shares out is called so, and is a sum of many. */
const OF_ENVELOPES = 'envelope.'
/** Members of our answers are called so; of other keys some are ids. */
const FIELD = /^[a-z]+(?:[A-Z][a-z]*)*$/
/** Parts of a word that are looked at together. */
const MOST_PARTS = 16
const PART = /[a-z0-9]+/g
/** What makes a place the middle of a word, as WORD has them. */
const GOES_ON = /[.-]*[a-z0-9]/y
/** Words of which it is remembered whether they name others. */
const WORDS_KEPT = 20_000

interface Place {
  /** The name under which it stands; of an item, that of its list. */
  readonly key: string
  /** Whether an institution that the policy does not have may be named: a draft of one's own may make one. */
  readonly drafts: boolean
  /** An answer is about something, even if that is hidden. */
  readonly root: boolean
}

/** Institutions that are shown. */
export type Own = Pick<ReadonlySet<string>, 'has'>

export class ScopedSight {
  readonly #index: WhoIsWho
  readonly #own: Own
  readonly #proposed: () => WhoIsWho
  readonly #foreign = new Map<string, boolean>()
  /** What is not shown is told in sums: it is a few among many, and what is unknown is shown. */
  readonly inSums: boolean

  /**
   * @param own institutions of the scope; where the rest is told in sums, all but that
   * @param proposed what proposals name now: where the policy does not have it, it is somebody else's
   */
  constructor(index: WhoIsWho, own: Own, proposed: () => WhoIsWho, inSums = false) {
    this.#index = index
    this.#own = own
    this.#proposed = proposed
    this.inSums = inSums
  }

  /** Whether there is such an institution among those that are shown, or was. */
  owns(institution: string): boolean {
    return this.#own.has(institution) && (!this.inSums || this.#index.whose(institution) !== undefined)
  }

  /** Whether an institution that is there is shown. */
  shows(institution: string): boolean {
    return this.#own.has(institution)
  }

  /** Whether a text names somebody else's, by id or by name. @param drafts what is only proposed is their own */
  mentions(text: string, drafts = false): boolean {
    const small = text.toLowerCase()
    const proposed = drafts ? null : this.#proposed()
    let behind = 0
    for (const { 0: word, index: at } of small.matchAll(WORD)) {
      if (at < behind) continue
      const named = this.#nameAt(small, word, at, proposed)
      if (named === null ? this.#isForeign(word, proposed) : !named.isOwn) return true
      if (named !== null) behind = named.end
    }
    return false
  }

  /** The longest name at this word. One's own ends where a word does: otherwise it would hide what the word names. */
  #nameAt(small: string, word: string, at: number, proposed: WhoIsWho | null) {
    const known = this.#index.namesAt(small, word, at)
    const more = proposed?.namesAt(small, word, at) ?? []
    const names = more.length === 0 ? known : [...known, ...more].sort((a, b) => b.end - a.end)
    for (const { of, end } of names) {
      const isOwn = of.some((id) => this.#own.has(id))
      if (!isOwn || !isWithinWord(small, end)) return { isOwn, end }
    }
    return null
  }

  #isForeign(word: string, proposed: WhoIsWho | null): boolean {
    let isForeign = this.#foreign.get(word)
    if (isForeign === undefined) {
      isForeign = this.#named(word, null)
      if (this.#foreign.size >= WORDS_KEPT) this.#foreign.clear()
      this.#foreign.set(word, isForeign)
    }
    return isForeign || (proposed !== null && this.#named(word, proposed))
  }

  /**
   * A word of parts, as in `access.SITE.down` and `mizani-SITE-internet`, names who any run of its parts is.
   * @param proposed what the policy does not have
   */
  #named(word: string, proposed: WhoIsWho | null): boolean {
    const parts = [...word.matchAll(PART)].map(({ 0: part, index: at }) => ({ from: at, to: at + part.length }))
    for (let first = 0; first < parts.length; first++) {
      for (let last = Math.min(parts.length, first + MOST_PARTS) - 1; last >= first; last--) {
        const run = word.slice(parts[first]!.from, parts[last]!.to)
        const whose = this.#index.whose(run) ?? proposed?.whose(run)
        if (whose === undefined) continue
        if (!this.#own.has(whose)) return true
        first = last
        break
      }
    }
    return false
  }

  /** Whether a row of a list is about somebody else's. */
  hides(row: unknown, actor = ''): boolean {
    if (!isTree(row)) return this.of(row, false, actor) === undefined
    const telling = Object.entries(row).filter(([key]) => [...ABOUT, ...STANDING_FOR, ...PROPOSED].includes(key))
    return this.of(Object.fromEntries(telling), false, actor) === undefined
  }

  /**
   * The answer without what is not to be seen.
   * @param drafts it answers a write of one's own, or a try
   * @returns undefined where the answer as a whole is about somebody else's
   */
  of(answer: unknown, drafts: boolean, actor = ''): unknown {
    const looking = this.lookingThrough(answer, drafts, actor)
    let step = looking.next()
    while (step.done !== true) step = looking.next()
    return step.value
  }

  /** The same with a pause after every few texts, for what is long: it returns what `of` does. */
  *lookingThrough(answer: unknown, drafts: boolean, actor = ''): Looking {
    const seen = yield* this.#seen(answer, { key: '', drafts, root: drafts }, actor)
    return seen === HIDDEN ? undefined : seen
  }

  /** Whether a link that is gone is hidden: nobody knows any more whose line it was. */
  hidesGone(link: string): boolean {
    return !this.inSums || LINE.test(link)
  }

  /** Whether a record of a sheet is about somebody else's. */
  hidesRecord(cells: Readonly<Record<string, string>>, actor = ''): boolean {
    const drafts = actor !== '' && cells.author === actor
    // What institutions were made from; of links it is a node.
    const made = 'tier' in cells && this.mentions(cells.from ?? '', drafts)
    return made || Object.entries(cells).some(([key, cell]) => this.#hidesText(cell, key, drafts))
  }

  /** Whether a part is left out of a policy that is shown. */
  hidesPart(collection: string, id: string, part: unknown): boolean {
    const policy = this.of({ [collection]: { [id]: part } }, false)
    const members = isTree(policy) ? policy[collection] : null
    return !isTree(members) || !(id in members)
  }

  *#seen(value: unknown, place: Place, actor: string): Looking {
    if (typeof value === 'string') return this.#text(value, place)
    if (Array.isArray(value)) return yield* this.#list(value, place, actor)
    return isTree(value) ? yield* this.#object(value, place, actor) : value
  }

  *#list(list: readonly unknown[], place: Place, actor: string): Looking {
    const kept: unknown[] = []
    const key = ITEMS[place.key] ?? place.key
    const item = { ...place, key, root: false }
    for (const inner of list) {
      yield
      if (typeof inner === 'string' && this.#hidesText(inner, key, place.drafts)) continue
      const seen = typeof inner === 'string' ? inner : yield* this.#seen(inner, item, actor)
      if (seen !== HIDDEN && !isBlank(seen)) kept.push(seen)
    }
    return kept
  }

  *#object(value: Readonly<Record<string, unknown>>, place: Place, actor: string): Looking {
    const drafts = place.drafts || (actor !== '' && value.author === actor)
    const isAbout = (key: string): boolean => {
      const inner = value[key]
      return typeof inner === 'string' && this.#hidesText(inner, key, drafts)
    }
    if (!place.root && !COMMON.includes(place.key) && ABOUT.some(isAbout)) return HIDDEN
    if (this.#isOfOthersLines(value.lines, drafts)) return HIDDEN
    let isHidden = false
    const kept: [string, unknown][] = []
    for (const [key, inner] of Object.entries(value)) {
      yield
      if (this.#hidesKey(key, inner, place.key, drafts)) continue
      const seen = yield* this.#seen(inner, { key, drafts, root: false }, actor)
      isHidden ||= seen === HIDDEN && STANDING_FOR.includes(key)
      // A proposal of which nothing is to be seen is about others, whatever its reason says.
      isHidden ||= key === 'changes' && 'author' in value && isEmptied(inner, seen)
      isHidden ||= key === 'subjects' && isEmptied(inner, seen)
      // A policy takes no empty list of what an institution was made from.
      if (key === 'from' && isEmptied(inner, seen)) continue
      if (seen !== HIDDEN) kept.push([key, seen])
      else if (place.key !== 'sites' && !COMMON.includes(place.key)) kept.push([key, null])
    }
    return isHidden && !place.root ? HIDDEN : Object.fromEntries(kept)
  }

  #hidesKey(key: string, value: unknown, collection: string, drafts: boolean): boolean {
    if (collection === 'contracts' && isTree(value) && this.#isOfOthersLines(value.links, drafts)) return true
    if (COMMON.includes(collection)) return this.#isOthers(key, '', drafts)
    if (OWNED.includes(collection) && !drafts) return !this.#own.has(key) || this.#wasRestricted(key, value)
    // Of a site its own institution says whose it is.
    if (collection === 'sites' && !(isTree(value) && 'institution' in value)) return !this.#shows(key, drafts)
    const whose = this.#index.whose(key)
    if (FIELD.test(key)) return whose !== undefined && !this.#own.has(whose)
    return this.#hidesText(key, '', drafts)
  }

  #text(text: string, { key, drafts }: Place): string {
    if (!this.#hidesText(text, key, drafts)) return text
    const lines = text.split('\n')
    return lines.length === 1 ? BLANK : lines.filter((line) => !this.#hidesText(line, key, drafts)).join('\n')
  }

  #hidesText(text: string, key: string, drafts: boolean): boolean {
    if (OTHERS.includes(key)) return false
    return this.#isOthers(text, key, drafts) || this.mentions(text, drafts)
  }

  /** Whether the text is the name of a flow, a line, a place or a member of others, or of nobody that is known. */
  #isOthers(text: string, key: string, drafts: boolean): boolean {
    const [, named] =
      FLOW.exec(text) ?? PLACE.exec(text) ?? LINE.exec(text) ?? (OF_IDS.includes(key) ? [text, text] : [])
    if (named === undefined || OF_EDGES.includes(named)) return false
    const isSum = named.startsWith(OF_ENVELOPES) && this.#index.whose(named) === undefined
    return !isSum && !this.#shows(named, drafts)
  }

  /** Whether a contract pays for lines of sites alone, all of them others'. */
  #isOfOthersLines(lines: unknown, drafts: boolean): boolean {
    if (!Array.isArray(lines) || lines.length === 0) return false
    return lines.every((line) => {
      if (typeof line !== 'string') return false
      return (this.#index.whose(line) ?? this.#proposed().whose(line)) !== undefined && !this.#shows(line, drafts)
    })
  }

  #shows(id: string, drafts: boolean): boolean {
    const whose = this.#index.whose(id)
    if (whose !== undefined) return this.#own.has(whose)
    return drafts || (this.inSums && this.#own.has(this.#proposed().whose(id) ?? id))
  }

  /** In a policy that never came to be in force. */
  #wasRestricted(id: string, member: unknown): boolean {
    return this.#index.whose(id) === undefined && isTree(member) && member.restricted === true
  }
}

function isWithinWord(text: string, at: number): boolean {
  GOES_ON.lastIndex = at
  return GOES_ON.test(text)
}

export type Looking = Generator<undefined, unknown, undefined>

/** A sentence in our languages of which nothing is shown. */
const isBlank = (value: unknown): boolean =>
  isTree(value) && 'en' in value && Object.values(value).every((text) => text === BLANK)

const isEmptied = (before: unknown, after: unknown): boolean =>
  Array.isArray(before) && before.length > 0 && Array.isArray(after) && after.length === 0
