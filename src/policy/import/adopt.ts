// `mizani adopt`: reads what a router is configured with today and proposes sites from it. It applies nothing: it
// writes rows for sites.csv that a person reads, completes and imports, and a list of what it could not place.
//
//   routeros   /export of RouterOS: simple queues (name, target, max-limit)
//   ios-xe     show running-config: subinterfaces with their network, VLAN and the shaper of their output policy
//   csv        columns name, prefixes, down, up, and vlan if there is one
//
// An institution is matched by the words its names and id share with the name found. What is not clearly one of them is
// left unmatched: a wrong match would give one office's bandwidth to another.

import { readFileSync } from 'node:fs'
import { stringify } from 'csv-stringify/sync'
import ipaddr from 'ipaddr.js'
import { type BitsPerSecond, parseRate } from '../../model/units.js'
import { MizaniError, messageOf } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { decodeText, readSheet } from '../../runtime/sheet.js'
import { networkOf } from '../document/addressing.js'
import { loadPlane } from '../files/files.js'

const ADOPT_FROM = ['routeros', 'ios-xe', 'csv'] as const
export type AdoptFrom = (typeof ADOPT_FROM)[number]

/** A limit as it stands on a router. */
export interface FoundSite {
  readonly name: string
  readonly prefixes: readonly string[]
  /** Null: not limited, or not found. */
  readonly down: BitsPerSecond | null
  readonly up: BitsPerSecond | null
  readonly vlan: number | null
}

export interface Named {
  readonly id: string
  readonly names: readonly string[]
}

export interface Proposal extends FoundSite {
  /** Null: nobody clearly. */
  readonly institution: string | null
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
  const known = Object.entries(document.institutions).map(([id, { name }]) => ({ id, names: [name.en, name.sw] }))
  const proposals = match(readSites(from, readText(file)), known)
  const matched = proposals.filter(({ institution }) => institution !== null)
  const rows = matched.map((site, i) => ({
    id: siteId(site, matched.slice(0, i)),
    ...{ institution: site.institution, edge: edge ?? '', prefixes: site.prefixes.join(' ') },
    ...{ down: site.down ?? '', up: site.up ?? '', vlan: site.vlan ?? '', medium: '' },
  }))
  const unmatched = proposals.filter(({ institution }) => institution === null)
  io.stdout.write(json ? `${JSON.stringify({ sites: rows, unmatched }, null, 2)}\n` : stringify(rows, { header: true }))
  const count = `${matched.length} of ${proposals.length} found are matched; nothing was applied.`
  const lines = unmatched.map(({ name, prefixes }) => `  unmatched: ${name} (${prefixes.join(' ') || 'no prefix'})\n`)
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

/** id of a proposed site: its institution's, with a number from the second on. */
function siteId({ institution }: Proposal, before: readonly Proposal[]): string {
  const earlier = before.filter((other) => other.institution === institution).length
  return earlier === 0 ? `${institution}.office` : `${institution}.office-${earlier + 1}`
}

export function readSites(from: AdoptFrom, text: string): readonly FoundSite[] {
  switch (from) {
    case 'routeros':
      return readRouterOs(text)
    case 'ios-xe':
      return readIosXe(text)
    case 'csv':
      return readTable(text)
  }
}

// ---- RouterOS: a menu line, then commands; a backslash at the end continues a line

function readRouterOs(text: string): FoundSite[] {
  let menu = ''
  return text
    .replace(/\\\r?\n\s*/g, '')
    .split(/\r?\n/)
    .flatMap((line) => {
      if (line.startsWith('/')) menu = line.trim()
      const full = line.startsWith('/') ? line : `${menu} ${line}`
      if (!/^\/queue simple add\s/.test(full)) return []
      const words = new Map(
        [...full.matchAll(/\s([\w-]+)=(?:"((?:\\.|[^"\\])*)"|(\S*))/g)].map(([, key, quoted, plain]) => [
          key,
          quoted ?? plain,
        ]),
      )
      if (words.get('disabled') === 'yes') return []
      const [up = '', down = ''] = (words.get('max-limit') ?? '').split('/')
      const prefixes = (words.get('target') ?? '').split(',').flatMap(prefixOf)
      return [
        {
          name: words.get('comment') || words.get('name') || '',
          prefixes,
          down: limit(down),
          up: limit(up),
          vlan: null,
        },
      ]
    })
}

/** "20M", "512k", "64000"; 0 is no limit. */
function limit(text: string): BitsPerSecond | null {
  return parseRate(/^\d/.test(text) ? `${text}bps` : text) || null
}

// ---- IOS-XE: blocks, each a line at the margin and what is indented below it

function readIosXe(text: string): FoundSite[] {
  const blocks = text.split(/\r?\n(?=\S)/)
  const shapers = new Map<string, BitsPerSecond>()
  for (const block of blocks) {
    const [, name] = /^policy-map (\S+)/.exec(block) ?? []
    const [, shaped] = /^[ \t]+shape average (\d+)/m.exec(block) ?? []
    const [, policed] = /^[ \t]+police (?:cir )?(\d+)/m.exec(block) ?? []
    const rate = shaped ?? policed
    if (name !== undefined && rate !== undefined) shapers.set(name, Number(rate))
  }
  return blocks.flatMap((block) => {
    const [, port] = /^interface (\S+)/.exec(block) ?? []
    const prefixes = [...block.matchAll(/^[ \t]+ip address (\S+) (\S+)/gm)].flatMap(([, address, mask]) => {
      const length = ipaddr.IPv4.isValid(mask!) ? ipaddr.IPv4.parse(mask!).prefixLengthFromSubnetMask() : null
      return length === null ? [] : prefixOf(`${address}/${length}`)
    })
    for (const [, prefix] of block.matchAll(/^[ \t]+ipv6 address ([^\s/]+\/\d+)/gm)) prefixes.push(...prefixOf(prefix!))
    const policy = (way: string): BitsPerSecond | null =>
      shapers.get(new RegExp(`^[ \\t]+service-policy ${way} (\\S+)`, 'm').exec(block)?.[1] ?? '') ?? null
    if (port === undefined || prefixes.length === 0) return []
    const [, description] = /^[ \t]+description (.+)$/m.exec(block) ?? []
    const [, vlan] = /^[ \t]+encapsulation dot1[qQ] (\d+)/m.exec(block) ?? []
    const name = description?.trim() ?? port
    return [
      { name, prefixes, down: policy('output'), up: policy('input'), vlan: vlan === undefined ? null : Number(vlan) },
    ]
  })
}

// ---- CSV

function readTable(text: string): FoundSite[] {
  const { header, rows } = readSheet(text)
  return rows.map(({ cells }) => {
    const cell = (column: string): string => cells[header.indexOf(column)] ?? ''
    const [down, up] = [cell('down'), cell('up')]
    return {
      name: cell('name'),
      prefixes: cell('prefixes')
        .split(/[\s,;]+/)
        .flatMap(prefixOf),
      ...{ down: parseRate(down) ?? limit(down), up: parseRate(up) ?? limit(up) },
      vlan: /^\d+$/.test(cell('vlan')) ? Number(cell('vlan')) : null,
    }
  })
}

/** The network of an address, where it is one. */
function prefixOf(text: string): string[] {
  return [networkOf(text) ?? []].flat()
}

// ---- names

/** Shared words count by how rare they are among the institutions: "wizara" says little, "muhimbili" all. */
export function match(sites: readonly FoundSite[], known: readonly Named[]): readonly Proposal[] {
  const words = known.map(({ id, names }) => new Set([id, ...names].flatMap(wordsOf)))
  const frequency = new Map<string, number>()
  for (const set of words) for (const word of set) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const worth = (word: string): number => Math.log((known.length + 1) / (frequency.get(word) ?? 1))
  const total = (list: readonly string[]): number => list.reduce((sum, word) => sum + worth(word), 0)
  return sites.map((site) => {
    const mine = [...new Set(wordsOf(site.name))]
    const all = total(mine)
    const scores = known
      .map(({ id }, i) => ({ id, score: all > 0 ? total(mine.filter((word) => words[i]!.has(word))) / all : 0 }))
      .sort((a, b) => b.score - a.score)
    const [best, second] = scores
    // Half of what the name says, and clearly more than the next.
    const isClear = best !== undefined && best.score >= 0.5 && best.score - (second?.score ?? 0) >= 0.1
    return { ...site, institution: isClear ? best.id : null, likeness: Number((best?.score ?? 0).toFixed(2)) }
  })
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? []
