// What a router says that it has (`show running-config`), held against what the text for it says: each site's policies
// on its interface, and their rates. A running configuration has the same lines in other company: names of interfaces
// may be cut short when a person types them, and IOS writes bursts and actions after what is looked at. Pure.

import type { PlacedSite } from './ios-xe.js'

/** What differs, a sentence each; empty: all of it stands. */
export function differencesOf(running: string, placed: readonly PlacedSite[]): string[] {
  const blocks = blocksOf(running)
  const ports = portsOf(blocks)
  return placed.flatMap(({ site, interface: at, name, down, up }) => {
    const lines = linesOf(ports, at)
    const faults = lines === null ? [`interface ${at} is not there`] : []
    for (const [way, part] of [
      ['input', 'UP'],
      ['output', 'DOWN'],
    ] as const) {
      const wanted = `service-policy ${way} ${name}-${part}`
      const other = lines && otherThan(wanted, `service-policy ${way} `, lines)
      if (other !== null) faults.push(`${at} has ${other || `no ${way} policy`}, not ${wanted}`)
    }
    for (const [part, verb, rate] of [
      ['DOWN', 'shape average', down],
      ['UP', 'police cir', up],
    ] as const) {
      const map = blocks.get(`policy-map ${name}-${part}`)
      const said = map?.filter((line) => line.startsWith(`${verb} `)).map((line) => line.split(' ')[2]!)
      const other = said && otherThan(`${rate}`, '', said)
      if (said === undefined) faults.push(`policy-map ${name}-${part} is not there`)
      else if (other !== null) faults.push(`policy-map ${name}-${part} says ${verb} ${other || 'nothing'}, not ${rate}`)
    }
    return faults.map((fault) => `${site.id}: ${fault}`)
  })
}

/** Of the lines that begin so, the first that is not the wanted one; '': there are none; null: all are. */
function otherThan(wanted: string, beginning: string, lines: readonly string[]): string | null {
  const found = lines.filter((line) => line.startsWith(beginning))
  return found.length === 0 ? '' : (found.find((line) => line !== wanted) ?? null)
}

/** What is indented below each line at the margin; one that comes again adds to it. */
function blocksOf(text: string): ReadonlyMap<string, readonly string[]> {
  const blocks = new Map<string, string[]>()
  for (const block of text.split(/\r?\n(?=\S)/)) {
    const [head = '', ...lines] = block.split(/\r?\n/).map((line) => line.trim().replace(/\s+/g, ' '))
    const before = blocks.get(head)
    if (before) before.push(...lines)
    else blocks.set(head, lines)
  }
  return blocks
}

interface Port {
  /** In small letters. */
  readonly kind: string
  readonly lines: readonly string[]
}

const INTERFACE = /^(?:interface )?([A-Za-z-]+) ?([0-9][0-9/.:]*)$/

/** By number. */
function portsOf(blocks: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly Port[]> {
  const ports = new Map<string, Port[]>()
  for (const [head, lines] of blocks) {
    const [, kind, number] = (head.startsWith('interface ') && INTERFACE.exec(head)) || []
    if (number === undefined) continue
    ports.set(number, [...(ports.get(number) ?? []), { kind: kind!.toLowerCase(), lines }])
  }
  return ports
}

/** "Gi0/0/2" is GigabitEthernet0/0/2: one number, and one name begins with the other. Null: it is not there. */
function linesOf(ports: ReadonlyMap<string, readonly Port[]>, name: string): readonly string[] | null {
  const [, wanted = '', number = ''] = INTERFACE.exec(name) ?? []
  const kind = wanted.toLowerCase()
  const found = (ports.get(number) ?? []).filter((one) => one.kind.startsWith(kind) || kind.startsWith(one.kind))
  return found.length === 0 ? null : found.flatMap(({ lines }) => lines)
}
