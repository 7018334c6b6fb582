// What an edge tells a collector: Prometheus' text exposition format 0.0.4, written out of the status page. Counters
// are the kernel's own, so they fall back to 0 when the kernel's do; rate() of Prometheus knows how to read that.

import { LEASE_STATES } from '../../model/lease.js'
import { DIRECTIONS, ENFORCEMENTS } from '../../model/network.js'
import { toSeconds } from '../../model/units.js'
import type { Sight } from './lookout.js'
import type { EdgeStatusPage, FlowRow } from './picture.js'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [Labels, number]
type Add = (name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]) => void

export function metricsText(page: EdgeStatusPage): string {
  const edge = { edge: page.edge }
  const lines: string[] = []
  const add: Add = (name, type, help, samples) => {
    if (samples.length === 0) return
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    for (const [labels, value] of samples) lines.push(`${name}${labelText({ ...edge, ...labels })} ${value}`)
  }
  const one = (value: number | null): readonly Sample[] => (value === null ? [] : [[{}, value]])
  const among = <T extends string>(list: readonly T[], label: string, now: T): Sample[] =>
    list.map((value) => [{ [label]: value }, value === now ? 1 : 0])

  add('mizani_edge_info', 'gauge', 'Agent and driver, always 1.', [[{ agent: page.agent, driver: page.driver }, 1]])
  add('mizani_edge_state', 'gauge', 'Lease state; 1 is the present one.', among(LEASE_STATES, 'state', page.state))
  const enforcement = among(ENFORCEMENTS, 'enforcement', page.enforcement)
  add('mizani_edge_enforcement', 'gauge', 'Enforcement; 1 is the present one.', enforcement)
  add('mizani_edge_refused', 'gauge', '1 while something is refused.', one(page.refusal ? 1 : 0))
  add('mizani_edge_local_bypasses', 'gauge', 'Limits that are lifted at the box.', one(page.bypasses.length))
  const silence = page.lastContact === null ? null : toSeconds(Math.max(0, page.at - page.lastContact))
  add('mizani_edge_silence_seconds', 'gauge', 'Since the controller was heard last.', one(silence))
  const lease = page.leaseLeft === null ? null : toSeconds(page.leaseLeft)
  add('mizani_edge_lease_left_seconds', 'gauge', 'Until the lease ends; negative since it ended.', one(lease))
  add('mizani_edge_applied_seq', 'gauge', 'Publication in force.', one(page.applied?.seq ?? null))

  addBeside(page.beside, add)
  const flows = flowsOf(page)
  const each = (of: (flow: FlowRow) => number | null): Sample[] =>
    flows.flatMap(([labels, flow]) => {
      const value = of(flow)
      return value === null ? [] : [[labels, value] as const]
    })
  add(
    'mizani_flow_rate_bits_per_second',
    'gauge',
    'Rate in force; absent: not limited.',
    each((f) => f.rate),
  )
  add(
    'mizani_flow_sent_bytes_total',
    'counter',
    'Sent, at layer 2.',
    each((f) => f.sent),
  )
  add(
    'mizani_flow_dropped_packets_total',
    'counter',
    'Dropped for want of rate.',
    each((f) => f.drops),
  )
  add(
    'mizani_flow_queued_bytes',
    'gauge',
    'Waiting now.',
    each((f) => f.queue),
  )
  add(
    'mizani_flow_would_limit_seconds_total',
    'counter',
    'In observe: time in which more arrived than the rate.',
    each((f) => (f.wouldLimit ? toSeconds(f.wouldLimit.duration) : null)),
  )
  add(
    'mizani_flow_would_limit_bytes_total',
    'counter',
    'In observe: what arrived beyond the rate.',
    each((f) => f.wouldLimit?.excess ?? null),
  )
  return `${lines.join('\n')}\n`
}

function addBeside(beside: Sight | null, add: Add): void {
  const { escapes = [], uncounted = null, devices = [] } = beside ?? {}
  const each = (of: (one: Sight['devices'][number]) => number): Sample[] =>
    devices.map((one) => [{ device: one.device, side: one.side }, of(one)])
  add(
    'mizani_edge_device_up',
    'gauge',
    '1 while a shaped interface carries; 0: it is down or away.',
    each(({ state }) => (state === 'up' ? 1 : 0)),
  )
  add(
    'mizani_edge_device_sent_bytes_total',
    'counter',
    'Sent by a shaped interface, by its own count.',
    each(({ sent }) => sent),
  )
  const ways = escapes.map(({ code, subject, used }): Sample => [{ code, subject }, used ? 1 : 0])
  add('mizani_edge_escape', 'gauge', 'A way past the limits; 1 while traffic takes it.', ways)
  const aside = uncounted ? DIRECTIONS.map((direction): Sample => [{ direction }, uncounted[direction].bytes]) : []
  add('mizani_edge_uncounted_bytes_total', 'counter', 'Seen on the interfaces and in no class.', aside)
}

/** Each flow once, however many sites its institution has here. */
function flowsOf({ sites }: EdgeStatusPage): [Labels, FlowRow][] {
  const seen = new Set<string>()
  return sites.flatMap(({ institution, flows }) => {
    if (seen.has(institution)) return []
    seen.add(institution)
    return flows.map((flow): [Labels, FlowRow] => [
      { institution, service: flow.service, direction: flow.direction },
      flow,
    ])
  })
}

const labelText = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(
      ([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',')}}`
