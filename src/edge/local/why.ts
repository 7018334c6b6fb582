// `mizani edge why SITE|ADDRESS`: what is in force here for one site, for whoever is on the telephone with it. An
// address belongs to the site with the longest prefix that covers it, as the packet filter has it; to nobody else it is
// unmapped. It asks the agent alone, so it is as true with the controller away; without an agent it is by what is
// remembered.

import type { EdgeProfile, recordKey } from '../../model/lease.js'
import { DIRECTIONS } from '../../model/network.js'
import { UNMAPPED } from '../../model/plan.js'
import { formatRate, fromKbps } from '../../model/units.js'
import type { Settings } from '../../runtime/config.js'
import { MizaniError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { type Prefix, parsePrefix, widthOf } from '../drivers/linux-htb/prefixes.js'
import { createMemoryStore, type ToldReasons } from '../memory.js'
import { ageText, edgeHere, formatBytes, notRunning, socketOf, stateDirOf, tableText } from './commands.js'
import { localRequest } from './local-socket.js'
import { type EdgeStatusPage, type FlowRow, rememberedWhy, type SiteRow, utc } from './picture.js'

interface WhyArgs {
  readonly settings: Pick<Settings, 'data' | 'edge'>
  readonly of: string
  readonly json: boolean
}

export async function runEdgeWhy({ settings, of, json }: WhyArgs, io: Io): Promise<number> {
  const edge = edgeHere(settings)
  const say = (rows: readonly SiteRow[], asOf: string): void => {
    const text = `${rows.map(rowText).join('\n')}${asOf}\n`
    io.stdout.write(json ? `${JSON.stringify({ edge, of, sites: rows, asOf }, null, 2)}\n` : text)
  }
  try {
    const page = (await localRequest(socketOf(settings.data, edge), 'GET', '/status')) as EdgeStatusPage
    say(rowsNamed(page.sites, of), asOfText(page))
    return 0
  } catch (error) {
    if (!(error instanceof MizaniError && error.code === 'NOT_REACHED')) throw error
    const { memory } = await createMemoryStore(stateDirOf(settings.data), edge).load()
    if (!memory) throw notRunning(error)
    const { epoch, seq, revision } = memory.content
    const { reasons = null } = memory
    const told = reasons ? `; reasons as of ${utc(reasons.at)}` : ''
    const asOf = `remembered: publication ${epoch}/${seq} of revision ${revision}${told}; the kernel keeps what it has`
    say(rowsNamed(rememberedRows(memory.profile, memory.content.records, reasons), of), asOf)
    throw notRunning(error)
  }
}

function asOfText({ edge, at, state, countersAt, lastContact, reasonsAt }: EdgeStatusPage): string {
  const counted = countersAt === null ? 'counters were not read yet' : `counters of ${utc(countersAt)}`
  const heard = lastContact === null ? 'never heard' : `heard ${ageText(at, lastContact)}`
  const told = reasonsAt == null ? '' : `; its reasons are as of ${utc(reasonsAt)}`
  return `as of ${utc(at)} at ${edge}, ${state}: ${counted}; the controller was ${heard}${told}`
}

/**
 * Rows of an address, a site or an institution.
 * @throws MizaniError NOT_FOUND for a name that nothing here has; an address is somebody's or unmapped.
 */
export function rowsNamed(sites: readonly SiteRow[], of: string): readonly SiteRow[] {
  const address = parsePrefix(of)
  if (address) {
    const row = rowOfAddress(sites, address) ?? sites.find(({ site }) => site === UNMAPPED)
    if (row) return [row]
    throw new MizaniError({ code: 'NOT_FOUND', message: `Nobody here has ${of}, and nothing stands for such traffic.` })
  }
  const found = sites.filter(({ site }) => site === of)
  const named = found.length > 0 ? found : sites.filter(({ institution }) => institution === of)
  if (named.length > 0) return named
  const near = sites.flatMap(({ site }) => (site.includes(of) ? [site] : []))
  const advice =
    near.length > 0 ? `Did you mean ${near.slice(0, 5).join(', ')}?` : '`mizani edge status` lists all sites.'
  throw new MizaniError({ code: 'NOT_FOUND', message: `No site of this edge is called "${of}".`, advice })
}

function rowOfAddress(sites: readonly SiteRow[], { family, address, length }: Prefix): SiteRow | undefined {
  const around = sites.flatMap((row) =>
    row.prefixes.flatMap((text) => {
      const prefix = parsePrefix(text)
      if (!prefix || prefix.family !== family || prefix.length > length) return []
      const host = BigInt(widthOf(family) - prefix.length)
      return address >> host === prefix.address >> host ? [{ row, length: prefix.length }] : []
    }),
  )
  return around.reduce<(typeof around)[0] | undefined>((a, b) => (a && a.length >= b.length ? a : b), undefined)?.row
}

function rowText({ site, institution, prefixes, why, flows }: SiteRow): string {
  const whose = institution === site ? '' : ` of ${institution}`
  const head = `${site}${whose}${prefixes.length > 0 ? `, ${prefixes.join(' ')}` : ''}\n  ${why}\n`
  const reasons = flows.flatMap(({ service, direction, reason }) =>
    reason ? [`  ${service} ${direction}: ${reason.en}\n`] : [],
  )
  return `${head}${tableText([HEADING, ...flows.map(cellsOf)])}${reasons.join('')}`
}

const HEADING = ['  service', 'dir', 'rate', 'since', 'now', 'waits', 'drops', 'class']

const cellsOf = (flow: FlowRow): string[] => [
  `  ${flow.service}`,
  flow.direction,
  flow.rate === null ? 'not limited' : formatRate(flow.rate),
  flow.since === null ? '-' : utc(flow.since),
  flow.throughput === null ? '-' : formatRate(flow.throughput),
  formatBytes(flow.queue),
  String(flow.drops),
  flow.classId ?? '-',
]

type Records = Parameters<typeof recordKey>[0] & { readonly rate: number; readonly safe: number }

function rememberedRows(profile: EdgeProfile, records: readonly Records[], told: ToldReasons | null): SiteRow[] {
  const { institutions, services } = profile
  const names = new Map(services.map(({ index, id }) => [index, id]))
  return institutions.flatMap(({ id, index, sites }) => {
    const flows = records
      .filter(({ institution }) => institution === index)
      .map(({ service, direction, rate, safe }) => ({
        ...rememberedWhy({ institution: index, service, direction }, profile, told),
        ...{ service: names.get(service) ?? `no. ${service}`, direction: DIRECTIONS[direction] },
        ...{ rate: fromKbps(rate), safe: fromKbps(safe), since: null, throughput: null, classId: null },
        ...{ sent: 0, queue: 0, drops: 0, wouldLimit: null },
      }))
    const why = 'remembered from when the agent ran'
    return sites.map((site) => ({ site: site.id, institution: id, prefixes: site.prefixes, flows, why }))
  })
}
