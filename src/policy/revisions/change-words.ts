// A change of the policy in words, for whoever has to agree to it: each place by its kind, its id and its name, with
// the value before and after. Whole: nothing is left out, for what is not read is agreed to as well. Fields are called
// as forms call them; the change itself has them by the names of the plane's files.

import { FIELDS } from '../../model/field-names.js'
import type { Text } from '../../model/network.js'
import { formatRate } from '../../model/units.js'
import { isTree, type Tree } from '../../runtime/json.js'
import { partsOf } from '../document/diff.js'
import type { Collection } from '../document/names.js'
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

/** @param document the policy in force: for the names of those that the change leaves unnamed */
export function changeInWords({ pointer, before, after }: Change, document: Tree): Text {
  const path = partsOf(pointer)
  const [collection = '', id = ''] = path
  const kind = Object.hasOwn(KINDS, collection) ? KINDS[collection as Collection] : undefined
  if (kind === undefined || path.length < 2) {
    const both = shifted(before, after, path)
    return { en: `${placed(path, 'en')}: ${both.en}`, sw: `${placed(path, 'sw')}: ${both.sw}` }
  }
  const whole = path.length === 2
  const known = nameOf(after, whole) ?? nameOf(before, whole) ?? nameOf(memberOf(document, collection, id), true)
  const who = (lang: 'en' | 'sw'): string => `${kind[lang]} ${id}${known === undefined ? '' : ` (${known[lang]})`}`
  if (whole && before === undefined)
    return {
      en: `new ${who('en')}: ${listed(after, path, 'en')}`,
      sw: `${who('sw')}, mpya: ${listed(after, path, 'sw')}`,
    }
  if (whole && after === undefined)
    return { en: `${who('en')} goes; it was ${listed(before, path, 'en')}`, sw: `${who('sw')} inaondolewa` }
  const both = shifted(before, after, path)
  const at = (lang: 'en' | 'sw'): string => (whole ? '' : `, ${placed(path.slice(2), lang)}`)
  return { en: `${who('en')}${at('en')}: ${both.en}`, sw: `${who('sw')}${at('sw')}: ${both.sw}` }
}

function shifted(before: unknown, after: unknown, path: readonly string[]): Text {
  const said = (lang: 'en' | 'sw', nothing: string): string =>
    [before, after].map((value) => (value === undefined ? nothing : listed(value, path, lang))).join(' → ')
  return { en: said('en', 'not set'), sw: said('sw', 'hakuna') }
}

/** Fields whose members have names of somebody's own. */
const OWN_NAMES = new Set(['services', 'ceilings', 'weights', 'guarantees', 'fractions', 'labels', 'derate', 'ports'])

/** Where in a member: "services, internet, download, ceiling". Ids stay as they are. */
const placed = (path: readonly string[], lang: 'en' | 'sw'): string =>
  path.map((name, i) => called(name, path[i - 1], lang)).join(', ')

function called(name: string, within: string | undefined, lang: 'en' | 'sw'): string {
  if ((within !== undefined && OWN_NAMES.has(within)) || !Object.hasOwn(FIELDS, name)) return name
  const said = FIELDS[name]![lang === 'en' ? 0 : 1]
  // VLAN and names of languages keep their capitals.
  return /^[A-Z]{2}/.test(said) || name === 'en' || name === 'sw' ? said : said[0]!.toLowerCase() + said.slice(1)
}

/** A value, or all that is in it: "tier hospital-national, internet down ceiling 300 Mbit/s". */
function listed(value: unknown, path: readonly string[], lang: 'en' | 'sw'): string {
  return leavesOf(value, path, [], lang).join(', ') || (lang === 'en' ? 'nothing in it' : 'hamna kitu')
}

/** @param below the names from the place that is told of down to this value */
function leavesOf(value: unknown, path: readonly string[], below: readonly string[], lang: 'en' | 'sw'): string[] {
  if (isTree(value))
    return Object.entries(value).flatMap(([name, member]) =>
      leavesOf(member, [...path, name], [...below, called(name, path.at(-1), lang)], lang),
    )
  return [[...below, plain(value, path, lang)].join(' ')]
}

function plain(value: unknown, path: readonly string[], lang: 'en' | 'sw'): string {
  if (Array.isArray(value) && value.length === 0) return lang === 'en' ? 'none' : 'hakuna'
  if (Array.isArray(value)) return `[${value.map((one) => listed(one, path, lang)).join('; ')}]`
  return typeof value === 'number' && path.some((name) => RATES.has(name)) ? formatRate(value) : String(value)
}

function nameOf(value: unknown, whole: boolean): Text | undefined {
  if (!whole || !isTree(value) || !isTree(value.name)) return undefined
  const { en, sw } = value.name
  return typeof en === 'string' ? { en, sw: typeof sw === 'string' ? sw : en } : undefined
}

function memberOf(document: Tree, collection: string, id: string): unknown {
  const members = document[collection]
  return isTree(members) && Object.hasOwn(members, id) ? members[id] : undefined
}
