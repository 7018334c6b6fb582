// `mizani adopt`: reads what a router is configured with today and proposes sites from it. It applies nothing: it
// writes rows for sites.csv that a person reads, completes and imports, and a list of what it could not place.
//
// An institution is matched by the networks that its sites have in the plane already, else by the words its names and
// id share with the name found. What is not clearly one of them is left unmatched: a wrong match would give one
// office's bandwidth to another. Of each line that is left it is said why.

import { readFileSync } from 'node:fs'
import { stringify } from 'csv-stringify/sync'
import ipaddr from 'ipaddr.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { decodeText } from '../../runtime/sheet.js'
import type { PolicyDocument } from '../document/document.js'
import { loadPlane } from '../files/files.js'
import { type AdoptFrom, type FoundSite, readSites } from './router-texts.js'

export interface Named {
  readonly id: string
  readonly names: readonly string[]
  /** Of its sites in the plane. */
  readonly prefixes?: readonly string[]
}

export interface Proposal extends FoundSite {
  /** Null: nobody clearly, and `why`. */
  readonly institution: string | null
  readonly why: string | null
  /** 0 to 1. */
  readonly likeness: number
}

export interface AdoptArgs {
  readonly from: AdoptFrom
  readonly file: string
  /** Folder of the plane whose institutions are meant. */
  readonly plane: string
  /** The edge the sites will be behind; the column stays empty without it. */
  readonly edge: string | null
  readonly json: boolean
}

/** The proposal goes to stdout, what a person must look at to stderr. */
export async function runAdopt({ from, file, plane, edge, json }: AdoptArgs, io: Io): Promise<number> {
  const { document } = loadPlane(plane)
  if (!document)
    throw new MizaniError({ code: 'POLICY_INVALID', message: `${plane} is not usable: mizani policy validate` })
  const prefixes = new Map<string, string[]>()
  for (const site of Object.values(document.sites)) {
    prefixes.set(site.institution, [...(prefixes.get(site.institution) ?? []), ...site.prefixes])
  }
  const known = Object.entries(document.institutions).map(([id, { name }]) => ({
    ...{ id, names: [name.en, name.sw], prefixes: prefixes.get(id) ?? [] },
  }))
  const { sites, left } = readSites(from, readText(file))
  const proposals = match(sites, known)
  const matched = proposals.filter(({ institution }) => institution !== null)
  const taken = new Set(Object.keys(document.sites))
  const rows = matched.map((site) => ({
    id: siteWith(site, document.sites) ?? newId(site, taken),
    ...{ institution: site.institution, edge: edge ?? '', prefixes: site.prefixes.join(' ') },
    ...{ down: site.down ?? '', up: site.up ?? '', vlan: site.vlan ?? '', medium: '' },
  }))
  const unmatched = proposals.filter(({ institution }) => institution === null)
  io.stdout.write(
    json ? `${JSON.stringify({ sites: rows, unmatched, left }, null, 2)}\n` : stringify(rows, { header: true }),
  )
  const count = `${matched.length} of ${proposals.length} found are matched; nothing was applied.`
  const lines = [
    ...unmatched.map((one) => `  unmatched: ${one.name} (${one.prefixes.join(' ') || 'no prefix'}): ${one.why}\n`),
    ...left.map(({ line, why }) => `  left: ${line}: ${why}\n`),
  ]
  io.stderr.write(`${count}\n${lines.join('')}`)
  return 0
}

function readText(file: string): string {
  try {
    return decodeText(readFileSync(file))
  } catch (error) {
    throw new MizaniError({ code: 'NOT_FOUND', message: messageOf(error), exitCode: 2 })
  }
}

/** The site of the plane that has these very networks: what is found is that one. */
function siteWith({ prefixes, institution }: Proposal, sites: PolicyDocument['sites']): string | null {
  const found = Object.entries(sites).find(
    ([, site]) => site.institution === institution && prefixes.every((one) => site.prefixes.includes(one)),
  )
  return prefixes.length > 0 && found ? found[0] : null
}

/** A new id of a site: its institution's, with a number from the second on. */
function newId({ institution }: Proposal, taken: Set<string>): string {
  const first = `${institution}.office`
  let id = first
  for (let n = 2; taken.has(id); n++) id = `${first}-${n}`
  taken.add(id)
  return id
}

// ---- names

/** Shared words count by how rare they are among the institutions: "wizara" says little, "muhimbili" all. */
export function match(sites: readonly FoundSite[], known: readonly Named[]): readonly Proposal[] {
  const words = known.map(({ id, names }) => new Set([id, ...names].flatMap(wordsOf)))
  const frequency = new Map<string, number>()
  for (const set of words) for (const word of set) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const worth = (word: string): number => Math.log((known.length + 1) / (frequency.get(word) ?? 1))
  const total = (list: readonly string[]): number => list.reduce((sum, word) => sum + worth(word), 0)
  const owners = known.flatMap(({ id, prefixes = [] }) => prefixes.map((prefix) => ({ id, net: subnetOf(prefix) })))
  return sites.map((site) => {
    const holders = [...new Set(site.prefixes.flatMap((prefix) => ownersOf(prefix, owners)))]
    if (holders.length === 1) {
      const strange = site.prefixes.filter((prefix) => ownersOf(prefix, owners).length === 0)
      if (strange.length === 0) return { ...site, institution: holders[0]!, likeness: 1, why: null }
      const why = `of its networks nobody has ${strange.slice(0, 3).join(', ')}; ${holders[0]} has the others`
      return { ...site, institution: null, likeness: 0, why }
    }
    if (holders.length > 1) {
      const why = `its networks belong to ${holders.slice(0, 3).join(', ')}${holders.length > 3 ? ' and more' : ''}`
      return { ...site, institution: null, likeness: 0, why }
    }
    const mine = [...new Set(wordsOf(site.name))]
    const all = total(mine)
    const scores = known
      .map(({ id }, i) => ({ id, score: all > 0 ? total(mine.filter((word) => words[i]!.has(word))) / all : 0 }))
      .sort((a, b) => b.score - a.score)
    const [best, second] = scores
    const likeness = Number((best?.score ?? 0).toFixed(2))
    // Half of what the name says, and clearly more than the next.
    if (best === undefined || best.score < 0.5) {
      const near = best && best.score > 0 ? `; ${best.id} is nearest` : ''
      return { ...site, institution: null, likeness, why: `nobody has its network or its name${near}` }
    }
    if (second && best.score - second.score < 0.1)
      return { ...site, institution: null, likeness, why: `its name fits ${best.id} and ${second.id} alike` }
    return { ...site, institution: best.id, likeness, why: null }
  })
}

interface Owner {
  readonly id: string
  readonly net: Subnet | null
}
type Subnet = readonly [ipaddr.IPv4 | ipaddr.IPv6, number]

const subnetOf = (text: string): Subnet | null => (ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null)

/** Whose site has this network or one that it lies in; of several the narrowest. */
function ownersOf(prefix: string, owners: readonly Owner[]): string[] {
  const [address, length] = subnetOf(prefix) ?? [null, 0]
  const around = owners.flatMap(({ id, net }) => {
    if (!address || !net || net[0].kind() !== address.kind() || net[1] > length) return []
    return address.match(net[0], net[1]) ? [{ id, length: net[1] }] : []
  })
  const narrowest = Math.max(...around.map((one) => one.length))
  return around.flatMap((one) => (one.length === narrowest ? one.id : []))
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []
