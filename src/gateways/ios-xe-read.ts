// What a router says that it has (`show running-config`), held against what the text for it says: each site's policies
// on its interface, and their rates. A running configuration has the same lines in other company: names of interfaces
// may be cut short when a person types them, and IOS writes bursts and actions after what is looked at. Pure.

import type { PlacedSite } from './ios-xe.js'

/** What differs, a sentence each; empty: all of it stands. */
export function differencesOf(running: string, placed: readonly PlacedSite[]): string[] {
  const blocks = blocksOf(running)
  return placed.flatMap(({ site, interface: at, name, down, up }) => {
    const lines = linesOf(blocks, (head) => isInterface(head, at))
    const faults = lines === null ? [`interface ${at} is not there`] : []
    for (const [way, part] of [
      ['input', 'UP'],
      ['output', 'DOWN'],
    ] as const) {
      const wanted = `service-policy ${way} ${name}-${part}`
      const found = lines?.find((line) => line.startsWith(`service-policy ${way} `))
      if (lines !== null && found !== wanted) faults.push(`${at} has ${found ?? `no ${way} policy`}, not ${wanted}`)
    }
    for (const [part, verb, rate] of [
      ['DOWN', 'shape average', down],
      ['UP', 'police cir', up],
    ] as const) {
      const map = linesOf(blocks, (head) => head === `policy-map ${name}-${part}`)
      const found = map?.find((line) => line.startsWith(`${verb} `))?.split(' ')[2]
      if (map === null) faults.push(`policy-map ${name}-${part} is not there`)
      else if (Number(found) !== rate)
        faults.push(`policy-map ${name}-${part} says ${verb} ${found ?? 'nothing'}, not ${rate}`)
    }
    return faults.map((fault) => `${site.id}: ${fault}`)
  })
}

interface Block {
  readonly head: string
  readonly lines: readonly string[]
}

/** A line at the margin, and what is indented below it. */
const blocksOf = (text: string): Block[] =>
  text.split(/\r?\n(?=\S)/).map((block) => {
    const [head = '', ...lines] = block.split(/\r?\n/).map((line) => line.trim().replace(/\s+/g, ' '))
    return { head, lines: lines.filter((line) => line !== '') }
  })

/** Of all such blocks; null: there is none. */
function linesOf(blocks: readonly Block[], fits: (head: string) => boolean): string[] | null {
  const found = blocks.filter(({ head }) => fits(head))
  return found.length === 0 ? null : found.flatMap(({ lines }) => lines)
}

const INTERFACE = /^(?:interface )?([A-Za-z-]+) ?([0-9][0-9/.:]*)$/

/** "Gi0/0/2" is GigabitEthernet0/0/2: the number is the same and one name begins with the other. */
function isInterface(head: string, name: string): boolean {
  if (!head.startsWith('interface ')) return false
  const [found, wanted] = [INTERFACE.exec(head), INTERFACE.exec(name)]
  if (!found || !wanted || found[2] !== wanted[2]) return false
  const [a, b] = [found[1]!.toLowerCase(), wanted[1]!.toLowerCase()]
  return a.startsWith(b) || b.startsWith(a)
}
