// A change of the policy in words, for whoever has to agree to it: each place by its kind, its id and its name, with
// the value before and after. Whole: nothing is left out, for what is not read is agreed to as well. Fields keep the
// names they have in the plane's files, which is where the reader finds them again.

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
    const place = path.join(' ')
    const both = shifted(before, after, path)
    return { en: `${place}: ${both.en}`, sw: `${place}: ${both.sw}` }
  }
  const whole = path.length === 2
  const known = nameOf(after, whole) ?? nameOf(before, whole) ?? nameOf(memberOf(document, collection, id), true)
  const who = (lang: 'en' | 'sw'): string => `${kind[lang]} ${id}${known === undefined ? '' : ` (${known[lang]})`}`
  if (whole && before === undefined)
    return { en: `new ${who('en')}: ${listed(after, path)}`, sw: `${who('sw')}, mpya: ${listed(after, path)}` }
  if (whole && after === undefined)
    return { en: `${who('en')} goes; it was ${listed(before, path)}`, sw: `${who('sw')} inaondolewa` }
  const field = path.slice(2).join(' ')
  const both = shifted(before, after, path)
  const at = field === '' ? '' : `, ${field}`
  return { en: `${who('en')}${at}: ${both.en}`, sw: `${who('sw')}${at}: ${both.sw}` }
}

function shifted(before: unknown, after: unknown, path: readonly string[]): Text {
  const said = (nothing: string): string =>
    `${before === undefined ? nothing : listed(before, path)} -> ${after === undefined ? nothing : listed(after, path)}`
  return { en: said('not set'), sw: said('hakuna') }
}

/** A value, or all that is in it: "tier hospital-national, internet down ceiling 300 Mbit/s". */
function listed(value: unknown, path: readonly string[]): string {
  return leavesOf(value, path, []).join(', ') || 'nothing in it'
}

/** @param below the names from the place that is told of down to this value */
function leavesOf(value: unknown, path: readonly string[], below: readonly string[]): string[] {
  if (isTree(value))
    return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name], [...below, name]))
  return [[...below, plain(value, path)].join(' ')]
}

function plain(value: unknown, path: readonly string[]): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : `[${value.map((v) => listed(v, path)).join('; ')}]`
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
