// A change of the policy in words, for whoever has to agree to it: each place by its kind, its id and its name, with
// the value before and after. Whole: nothing is left out, for what is not read is agreed to as well. Fields are called
// as forms call them, and what they name as the policy calls it; the change itself has the ids of the plane's files.

import { FIELDS } from '../../model/field-names.js'
import { BANDS, word } from '../../model/glossary.mjs'
import type { Text } from '../../model/network.js'
import { formatRate } from '../../model/units.js'
import { isTree, type Tree } from '../../runtime/json.js'
import { partsOf } from '../document/diff.js'
import type { Collection } from '../document/names.js'
import { memberNames, nameOf } from './member-names.js'
import type { Change } from './proposal.js'

const KINDS: Readonly<Record<Collection, Text>> = {
  regions: { en: 'region', sw: 'mkoa' },
  categories: { en: 'category', sw: 'aina' },
  nodes: { en: 'node', sw: 'kituo' },
  groups: { en: 'shared-risk group', sw: 'kundi la hatari' },
  links: { en: 'link', sw: 'kiungo' },
  edges: { en: 'edge', sw: 'lango' },
  services: { en: 'service', sw: 'huduma' },
  tiers: { en: 'tier', sw: 'daraja' },
  classes: { en: 'class', sw: 'tabaka' },
  envelopes: { en: 'envelope', sw: 'fungu' },
  institutions: { en: 'institution', sw: 'taasisi' },
  sites: { en: 'site', sw: 'eneo' },
  former: { en: 'former institution', sw: 'taasisi ya zamani' },
  calendars: { en: 'calendar', sw: 'kalenda' },
  schedules: { en: 'schedule', sw: 'ratiba' },
  modes: { en: 'mode', sw: 'hali maalumu' },
  guards: { en: 'guard', sw: 'kinga' },
  tests: { en: 'test', sw: 'jaribio' },
  contracts: { en: 'contract', sw: 'mkataba' },
  agreements: { en: 'agreement', sw: 'makubaliano' },
  sharing: { en: 'sharing rule', sw: 'kanuni ya mgawanyo' },
}

/** Fields whose numbers are bit/s, wherever they stand below these names. */
const RATES = new Set([
  ...['ceiling', 'ceilings', 'capacity', 'access', 'port', 'ports', 'size', 'upTo', 'lifeline', 'bootRate', 'atLeast'],
  'committed',
])

/** Fields that hold ids, alone or listed, by the collection that they are of. */
const HELD: Readonly<Record<string, Collection>> = {
  ...{ tier: 'tiers', tiers: 'tiers', category: 'categories', categories: 'categories', region: 'regions' },
  ...{ regions: 'regions', service: 'services', services: 'services', envelope: 'envelopes', envelopes: 'envelopes' },
  ...{ parent: 'envelopes', institution: 'institutions', institutions: 'institutions', edge: 'edges', edges: 'edges' },
  ...{ node: 'nodes', nodes: 'nodes', at: 'nodes', groups: 'groups', only: 'calendars', except: 'calendars' },
}
/** Fields whose members are called by such ids. */
const KEYED: Readonly<Record<string, Collection>> = {
  ...{ services: 'services', ceilings: 'services', weights: 'services', guarantees: 'services', fractions: 'classes' },
}
/** Fields whose members have names of somebody's own. */
const OWN_NAMES = new Set([...Object.keys(KEYED), 'labels', 'derate', 'ports'])

type Lang = 'en' | 'sw'

/** @param document the policy in force: for the names of those that the change leaves unnamed */
export function changeInWords(change: Change, document: Tree): Text {
  const [en, sw] = [new Telling(document, 'en'), new Telling(document, 'sw')]
  return { en: en.change(change), sw: sw.change(change) }
}

class Telling {
  readonly #document: Tree
  readonly #lang: Lang

  constructor(document: Tree, lang: Lang) {
    this.#document = document
    this.#lang = lang
  }

  change({ pointer, before, after }: Change): string {
    const path = partsOf(pointer)
    const [collection = '', id = ''] = path
    const kind = Object.hasOwn(KINDS, collection) ? KINDS[collection as Collection] : undefined
    if (kind === undefined || path.length < 2) return `${this.#placed(path)}: ${this.#shifted(before, after, path)}`
    const whole = path.length === 2
    const name = (whole ? (nameOf(after) ?? nameOf(before)) : undefined) ?? nameOf(this.#member(collection, id))
    const who = `${kind[this.#lang]} ${id}${name === undefined ? '' : ` (${name[this.#lang]})`}`
    if (whole && before === undefined) {
      const has = this.#listed(after, path)
      return this.#say(`new ${who}: ${has}`, `${who}, mpya: ${has}`)
    }
    if (whole && after === undefined)
      return this.#say(`${who} goes; it was ${this.#listed(before, path)}`, `${who} inaondolewa`)
    return `${who}${whole ? '' : `, ${this.#placed(path.slice(2))}`}: ${this.#shifted(before, after, path)}`
  }

  #say(en: string, sw: string): string {
    return this.#lang === 'en' ? en : sw
  }

  #shifted(before: unknown, after: unknown, path: readonly string[]): string {
    const nothing = this.#say('not set', 'hakuna')
    return [before, after].map((value) => (value === undefined ? nothing : this.#listed(value, path))).join(' → ')
  }

  /** Where in a member: "services, Internet, download, ceiling". */
  #placed(path: readonly string[]): string {
    return path.map((name, i) => this.#called(name, path[i - 1])).join(', ')
  }

  #called(name: string, within: string | undefined): string {
    if (within !== undefined && OWN_NAMES.has(within)) return this.#named(KEYED[within], name)
    if (!Object.hasOwn(FIELDS, name)) return name
    const said = FIELDS[name]![this.#lang === 'en' ? 0 : 1]
    // VLAN and names of languages keep their capitals.
    return /^[A-Z]{2}/.test(said) || name === 'en' || name === 'sw' ? said : said[0]!.toLowerCase() + said.slice(1)
  }

  /** A value, or all that is in it: "tier National hospitals, Internet download ceiling 300 Mbit/s". */
  #listed(value: unknown, path: readonly string[]): string {
    return this.#leaves(value, path, []).join(', ') || this.#say('nothing in it', 'hamna kitu')
  }

  /** @param below the names from the place that is told of down to this value */
  #leaves(value: unknown, path: readonly string[], below: readonly string[]): string[] {
    if (isTree(value))
      return Object.entries(value).flatMap(([name, member]) =>
        this.#leaves(member, [...path, name], [...below, this.#called(name, path.at(-1))]),
      )
    return [[...below, this.#plain(value, path)].join(' ')]
  }

  #plain(value: unknown, path: readonly string[]): string {
    if (value === null || (Array.isArray(value) && value.length === 0)) return this.#say('none', 'hakuna')
    if (Array.isArray(value)) return `[${value.map((one) => this.#listed(one, path)).join('; ')}]`
    if (typeof value === 'boolean') return value ? this.#say('yes', 'ndiyo') : this.#say('no', 'hapana')
    if (typeof value === 'number' && path.some((name) => RATES.has(name))) return formatRate(value)
    if (typeof value !== 'string') return String(value)
    const field = path.at(-1) ?? ''
    return field === 'band' ? word(BANDS, value, this.#lang) : this.#named(HELD[field], value)
  }

  /** What has no name, or is none of them, is called by its id; where two are called the same, both stand there. */
  #named(collection: Collection | undefined, id: string): string {
    const name = collection && memberNames(this.#document, collection).get(id)
    if (name === undefined) return id
    const said = name[this.#lang]
    return name.isShared ? `${said} (${id})` : said
  }

  #member(collection: string, id: string): unknown {
    const members = this.#document[collection]
    return isTree(members) && Object.hasOwn(members, id) ? members[id] : undefined
  }
}
