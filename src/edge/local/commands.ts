// The commands at the box: `mizani edge status`, `bypass` and `resume`; why.ts has `why`. They ask the running agent
// through its local socket, so they work with the controller away. Where no agent answers, status shows what the edge
// remembers, and says that this is memory; the kernel keeps it in force all the same.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalBypass } from '../../model/lease.js'
import { reasonInWords } from '../../model/reason.js'
import { formatRate, fromKbps, SECOND } from '../../model/units.js'
import type { Settings } from '../../runtime/config.js'
import { durationOf } from '../../runtime/duration.js'
import { MizaniError, usageError } from '../../runtime/errors.js'
import type { Io } from '../../runtime/io.js'
import { createMemoryStore } from '../memory.js'
import { localRequest } from './local-socket.js'
import type { Sight } from './lookout.js'
import { type EdgeStatusPage, type FlowRow, type SiteRow, seconds, utc } from './picture.js'

type BoxSettings = Pick<Settings, 'data' | 'edge'>

export const stateDirOf = (data: string): string => join(data, 'edge')
export const socketOf = (data: string, edge: string): string => join(stateDirOf(data), `${edge}.sock`)

/** "3 s ago (2026-11-24T10:00:00Z)" */
export const ageText = (now: number, at: number): string => `${seconds(now - at)} ago (${utc(at)})`

export async function runEdgeStatus(
  { settings, json }: { readonly settings: BoxSettings; readonly json: boolean },
  io: Io,
): Promise<number> {
  const edge = edgeHere(settings)
  try {
    // What answers at this socket is our own agent, of this version or the one before it.
    const page = (await localRequest(socketOf(settings.data, edge), 'GET', '/status')) as EdgeStatusPage
    io.stdout.write(json ? `${JSON.stringify(page, null, 2)}\n` : statusText(page))
    return 0
  } catch (error) {
    if (!(error instanceof MizaniError && error.code === 'NOT_REACHED')) throw error
    const remembered = await memoryText(settings, edge, json)
    if (remembered !== null) io.stdout.write(remembered)
    throw notRunning(error)
  }
}

export async function runEdgeBypass(
  args: { readonly settings: BoxSettings; readonly site: string | null; readonly for: string; readonly reason: string },
  io: Io,
): Promise<number> {
  const { settings, site, reason } = args
  const body = { site, duration: durationOf(args.for), reason }
  // As the local socket answers it.
  const { until } = (await ask(settings, '/bypass', body)) as LocalBypass
  const what = site === null ? 'This edge is not limited' : `${site} is not limited`
  io.stdout.write(`${what} until ${utc(until)}. \`mizani edge resume\` ends it sooner; the controller is told.\n`)
  return 0
}

export async function runEdgeResume(
  { settings, site }: { readonly settings: BoxSettings; readonly site: string | null },
  io: Io,
): Promise<number> {
  const ended = (await ask(settings, '/resume', { site })) as readonly LocalBypass[]
  const none = 'Nothing was lifted here: a bypass that the controller ordered is ended there.'
  io.stdout.write(ended.length === 0 ? `${none}\n` : `Limits hold again (${ended.length} ended).\n`)
  return 0
}

async function ask(settings: BoxSettings, path: string, body: unknown): Promise<unknown> {
  try {
    return await localRequest(socketOf(settings.data, edgeHere(settings)), 'POST', path, body)
  } catch (error) {
    throw error instanceof MizaniError && error.code === 'NOT_REACHED' ? notRunning(error) : error
  }
}

/** The edge that is named, or the only one that has been here. */
export function edgeHere({ data, edge }: BoxSettings): string {
  if (edge.id !== null) return edge.id
  const files = ((): string[] => {
    try {
      return readdirSync(join(data, 'edge'))
    } catch {
      return []
    }
  })()
  const named = files.flatMap((name) => /^([a-z0-9][a-z0-9.-]*?)\.(sock|json)$/.exec(name)?.[1] ?? [])
  const edges = [...new Set(named.map((name) => name.replace(/\.(profile-[0-9a-f]{16}|bypasses|credentials)$/, '')))]
  if (edges.length === 1) return edges[0]!
  const found =
    edges.length === 0 ? `No edge has been run with the data folder ${data}` : `Here are ${edges.join(', ')}`
  throw usageError(`Which edge? ${found}.`, 'Say --id ID, and --config FILE or MIZANI_DATA as the agent has it.')
}

export const notRunning = (cause: MizaniError): MizaniError =>
  new MizaniError({
    code: cause.code,
    message: cause.message,
    advice: 'Start it (systemctl start mizani-edge), or run this as the user it runs as. The kernel keeps what it has.',
    cause,
  })

async function memoryText({ data }: BoxSettings, edge: string, json: boolean): Promise<string | null> {
  const { memory } = await createMemoryStore(join(data, 'edge'), edge).load()
  if (!memory) return null
  const { content, profile } = memory
  const { epoch, seq, revision } = content
  if (json)
    return `${JSON.stringify({ edge, remembered: { epoch, seq, revision, rates: content.records } }, null, 2)}\n`
  const title = `${edge}: the agent does not run. It remembers publication ${epoch}/${seq} of revision ${revision}:\n`
  const lines = profile.institutions.map(({ id, index }) => {
    const rate = (direction: 0 | 1): string =>
      formatRate(
        content.records.reduce(
          (sum, r) => sum + (r.institution === index && r.direction === direction ? fromKbps(r.rate) : 0),
          0,
        ),
      )
    return `  ${id.padEnd(32)} down ${rate(0)}, up ${rate(1)}\n`
  })
  return title + lines.join('')
}

// ---- the page as text

function refusalText({ lastRefusal, refusal }: EdgeStatusPage, ago: (time: number) => string): string {
  if (!lastRefusal) return 'none'
  const { refusal: last, at, since } = lastRefusal
  const text = `${last.code}: ${last.detail}, ${ago(at)}`
  if (!refusal) return `${text}; over since then`
  return at - since >= SECOND ? `${text}, again and again since ${utc(since)}` : text
}

function statusText(page: EdgeStatusPage): string {
  const { at } = page
  const ago = (time: number | null): string => (time === null ? 'never' : ageText(at, time))
  const lease = page.leaseLeft === null ? 'none' : page.leaseLeft > 0 ? `${seconds(page.leaseLeft)} left` : 'over'
  const ends = page.ends ? `, until ${utc(page.ends.at)}, then ${page.ends.next}` : ''
  const ordered = page.ordered !== null && page.ordered !== page.enforcement ? ` (ordered: ${page.ordered})` : ''
  const applied = page.applied ? `${page.applied.epoch}/${page.applied.seq}, revision ${page.revision}` : 'none'
  const facts = [
    ['edge', `${page.edge}, ${page.driver}${page.simulated ? ' (simulated)' : ''}, ${page.agent}`],
    ...(page.place ? [['at', `${page.place} (instance ${page.instance})`]] : []),
    ['state', `${page.state}, ${page.enforcement}${ordered}${ends}`],
    ['in force', `publication ${applied}`],
    ['lease', lease],
    ['controller heard', ago(page.lastContact)],
    ...linkText(page.link),
    ['last refusal', refusalText(page, ago)],
    ...repairText(page.lastRepair, ago),
    ...besideText(page.beside),
    ...page.bypasses.map((b) => [
      'LIFTED HERE',
      `${b.institution ?? 'the whole edge'} until ${utc(b.until)}: ${b.reason}`,
    ]),
  ]
  const head = facts.map(([name, value]) => `${`${name}`.padEnd(18)}${value}\n`).join('')
  return `${head}\n${tableText([HEADING, ...page.sites.flatMap(rowsOf)])}`
}

/** An agent of the release before says nothing of it. */
const linkText = (link: EdgeStatusPage['link'] | undefined): string[][] => [
  ...(link?.away ? [['away', `${link.away.reason}. ${link.away.advice}`]] : []),
  ...(link?.certificate ? [['certificate', link.certificate]] : []),
]

function repairText(repair: EdgeStatusPage['lastRepair'], ago: (time: number) => string): string[][] {
  if (!repair) return []
  const { steps, at, first, taken } = repair
  return [['put right', `${steps} steps, ${ago(at)}: ${taken ? `somebody removed ${taken}` : first}`]]
}

/** Less is what passed between two readings of one look. */
const LEAST_SAID = 10_000

function besideText(beside: Sight | null): string[][] {
  // An agent of the release before says nothing of its devices.
  const { escapes = [], uncounted = null, devices = [] } = (beside ?? {}) as Partial<Sight>
  const sides = (['lan', 'wan'] as const).flatMap((side) => {
    const its = devices.filter((one) => one.side === side)
    const told = its.map(({ device, state, rate, isFull }) => {
      const full = isFull ? ' (full: rates come to more)' : ''
      return `${device} ${state === 'up' ? formatRate(rate) : state}${full}`
    })
    return told.length > 0 ? [[side, told.join(', ')]] : []
  })
  const aside = (['down', 'up'] as const).flatMap((direction) => {
    const { bytes, rate } = uncounted?.[direction] ?? { bytes: 0, rate: 0 }
    return bytes >= LEAST_SAID ? [`${direction} ${formatBytes(bytes)}, now ${formatRate(rate)}`] : []
  })
  return [
    ...sides,
    ...(aside.length > 0 ? [['uncounted', aside.join('; ')]] : []),
    ...escapes.map(({ code, found, used }) => [used ? code : code.toLowerCase(), found]),
  ]
}

const HEADING = ['site', 'dir', 'rate', 'guarantee', 'ceiling', 'now', 'since', 'queue', 'drops', 'class', 'why']

/** A row a direction, all services together; the services apart stand in --json. */
function rowsOf({ site, flows, why }: SiteRow): string[][] {
  return (['down', 'up'] as const).flatMap((direction) => {
    const here = flows.filter((flow) => flow.direction === direction)
    if (here.length === 0) return []
    const sum = (of: (flow: FlowRow) => number): number => here.reduce((total, flow) => total + of(flow), 0)
    const since = Math.max(...here.map((flow) => flow.since ?? 0))
    const held = here.flatMap(({ wouldLimit }) => wouldLimit ?? [])
    const longest = Math.max(0, ...held.map(({ duration }) => duration))
    const excess = held.reduce((total, one) => total + one.excess, 0)
    const would = longest > 0 ? `; would have held back ${formatBytes(excess)} in ${seconds(longest)}` : ''
    const free = here.some(({ rate }) => rate === null)
    return [
      [
        site,
        direction,
        free ? 'not limited' : formatRate(sum((flow) => flow.rate ?? 0)),
        ...promisedCells(here),
        here.every(({ throughput }) => throughput === null) ? '-' : formatRate(sum((flow) => flow.throughput ?? 0)),
        since === 0 ? '-' : utc(since),
        formatBytes(sum((flow) => flow.queue)),
        String(sum((flow) => flow.drops)),
        here.flatMap(({ classId }) => classId ?? []).join(' ') || '-',
        `${why}${would}${limitsText(here)}`,
      ],
    ]
  })
}

/** Of all services together; an agent of the release before, and one that was not told, has none. */
function promisedCells(flows: readonly FlowRow[]): string[] {
  const promises = flows.flatMap(({ promised }) => promised ?? [])
  if (promises.length === 0) return ['-', '-']
  const sum = (of: (one: (typeof promises)[number]) => number): string =>
    formatRate(promises.reduce((total, one) => total + of(one), 0))
  return [sum(({ guarantee }) => guarantee), sum(({ ceiling }) => ceiling)]
}

const limitsText = (flows: readonly FlowRow[]): string =>
  flows.flatMap(({ service, limit }) => (limit ? [`; ${service}: ${reasonInWords(limit, null).en}`] : [])).join('')

export const formatBytes = (bytes: number): string =>
  bytes < 1_000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`

/** Columns as wide as their widest cell; the last one runs free. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)))
  return rows
    .map((row) => `${row.map((cell, c) => (c < row.length - 1 ? cell.padEnd(widths[c]! + 2) : cell)).join('')}\n`)
    .join('')
}
