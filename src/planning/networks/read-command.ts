// `mizani network read`: a network of researchers as the folder of a plane, with its offers and a scenario beside it.

import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { parseRate, writeRate } from '../../model/units.js'
import { emptyFolder } from '../../policy/files/empty-folder.js'
import { planeFiles } from '../../policy/files/plane-text.js'
import { invalid, MizaniError, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { MAX_NETWORK_BYTES } from '../../runtime/limits.js'
import { sheetPieces } from '../../runtime/sheet.js'
import { unreadable } from '../../runtime/unreadable.js'
import type { Network, ReadOptions } from './network.js'
import { type OfferOf, planeOf } from './plane-of.js'
import { readRepetita } from './repetita.js'
import { readSndlib } from './sndlib.js'
import { readTopohub } from './topohub.js'

/** A file, and what it does not say itself. */
export interface NetworkFileArgs {
  readonly file: string
  /** Of REPETITA; absent: the file beside the graph that has its name, where there is one. */
  readonly demands?: string
  readonly unit?: string
  readonly capacity?: string
  readonly promise?: string
}

export interface NetworkReadArgs extends NetworkFileArgs {
  readonly out: string
}

const UNITS: Readonly<Record<string, number>> = { bps: 1, kbps: 1e3, Mbps: 1e6, Gbps: 1e9 }

const OFFER_COLUMNS = ['offer', 'link', 'capacity', 'once', 'monthly', 'lead_days', 'from', 'to', 'kind', 'cost']
/** Base load is 0.4 of a promise in the mean, and 1.6 times that in the busy hours (model/load.ts). */
const BUSY = 1 / (0.4 * 1.6)

export async function runNetworkRead(args: NetworkReadArgs, { stderr }: Io): Promise<void> {
  const { file, out } = args
  const { network, promise } = networkIn(args)
  const named = { ...network, name: network.name || basename(file, extname(file)) }
  const { document, offers, notes } = planeOf(named, promise)
  emptyFolder(out)
  const files = {
    ...planeFiles(document),
    ...(offers.length > 0 ? { 'offers.csv': [...sheetPieces(OFFER_COLUMNS, offers.map(offerRow))].join('') } : {}),
    'scenario.yaml': scenarioText(named.name, document.plane.id),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text)
  stderr.write(
    [
      `${counted(file, network)}, ${offers.length} offers.`,
      ...leftOut(network),
      ...notes.map((note) => `Made up: ${note}.`),
      `Wrote ${Object.keys(files).join(', ')} to ${out}.`,
      `What breaks when: \`mizani plan failures ${join(out, 'scenario.yaml')}\`.`,
      '',
    ].join('\n'),
  )
}

/** @throws MizaniError NETWORK_INVALID, USAGE */
export function networkIn({ file, demands, unit, ...args }: NetworkFileArgs): { network: Network; promise: number } {
  const promise = rateOf('--promise', args.promise ?? '10Mbps')
  const capacity = rateOf('--capacity', args.capacity ?? '10Gbps')
  const options = { capacity, ...(unit === undefined ? {} : { unit: UNITS[unit]! }) }
  return { network: readNetwork(file, demands, options), promise }
}

export const counted = (file: string, { format, nodes, links, demands }: Network): string =>
  `${file} (${format}): ${nodes.length} nodes, ${links.length} links, ${demands.length} demands`

export const leftOut = ({ toSelf }: Network): string[] =>
  toSelf === 0 ? [] : [`Left out: demands of a node to itself, which cross no link: ${toSelf}.`]

function rateOf(option: string, text: string): number {
  const rate = parseRate(text)
  if (rate === undefined || rate === 0) throw usageError(`${option} ${text}: expected a rate, such as 10Gbps`)
  return rate
}

/** In whichever of the formats it is. @throws MizaniError NETWORK_INVALID with every fault and its line */
export function readNetwork(file: string, demands: string | undefined, options: ReadOptions): Network {
  const text = textOf(file)
  const start = text.trimStart()
  if (start.startsWith('{')) return readTopohub(text, file, options)
  if (start.startsWith('?')) return readSndlib(text, file, options)
  if (start.startsWith('NODES') && !start.startsWith('NODES (')) {
    const beside = `${file.slice(0, file.length - extname(file).length)}.demands`
    const asked = demands ?? (existsSync(beside) ? beside : undefined)
    const source = asked === undefined ? null : { file: asked, text: textOf(asked) }
    return readRepetita({ file, text }, source, options)
  }
  const message = start.startsWith('<')
    ? 'this is XML; of SNDlib the native format is read (its first line begins with "?SNDlib native format")'
    : 'expected SNDlib native ("?SNDlib native format…"), a graph of REPETITA ("NODES 12"), or JSON of TopoHub ("{")'
  throw invalid('NETWORK_INVALID', `${file} is no network that can be read`, [
    { code: 'INVALID', file, line: 1, message },
  ])
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file)
    if (size <= MAX_NETWORK_BYTES) return readFileSync(file, 'utf8')
    const message = `expected at most ${MAX_NETWORK_BYTES} bytes, found ${size}`
    throw invalid('NETWORK_INVALID', `${file} is too large`, [{ code: 'TOO_LARGE', file, message }])
  } catch (error) {
    if (error instanceof MizaniError) throw error
    throw new MizaniError({ code: 'FILE_UNREADABLE', message: `${unreadable(file, error)}.`, exitCode: 2 })
  }
}

/** Nobody said when it can be delivered. */
function offerRow({ link, capacity, once, fresh }: OfferOf) {
  const ends = fresh === null ? ['', '', '', ''] : [fresh.from, fresh.to, 'backbone', fresh.cost]
  return [link, link, writeRate(capacity), once, 0, 0, ...ends]
}

const scenarioText = (name: string, id: string): string => `# Written by mizani network read. In its busy hours each \
node asks for about what the demands of the network say.

format: 1
id: ${JSON.stringify(id)}
name: { en: ${JSON.stringify(name)}, sw: ${JSON.stringify(name)} }
story: { en: "Demands of a network as it was published.", sw: "Mahitaji ya mtandao kama yalivyochapishwa." }
source: read from a file; promises and hours are assumptions
plane: .
seed: 1
from: 2026-06-01T00:00:00Z
horizon: 1d
demand: { model: seeded, scale: ${BUSY.toFixed(4)} }
`
