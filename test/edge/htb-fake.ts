// A kernel of memory for the linux-htb driver: takes the texts the driver writes for tc and nft, holds what a kernel
// would, rounds as it does, and can be told to misbehave. It knows the lines that the driver writes and refuses every
// other.

import type { Exec, Run } from '../../src/edge/drivers/linux-htb/exec.js'

interface HeldClass {
  root: boolean
  parent: string
  rate: number
  ceil: number
  burst: number
  cburst: number
  quantum: number
  prio: number
  bytes: number
}

export interface FakeKernel {
  readonly exec: Exec
  /** Every text written, in order. */
  readonly written: string[]
  readonly classes: Map<string, HeldClass>
  /** Root queue by device: "htb 1: 0xfff0". */
  readonly roots: Map<string, string>
  readonly tables: Map<string, string>
  /** What queues of leaves dropped by themselves, by "device parent". */
  readonly queueDrops: Map<string, number>
  /** Lines that match are answered with a complaint, and not carried out, this many times. */
  refuse: { pattern: RegExp; times: number; complaint: string } | null
  installed: { tc: boolean; nft: boolean }
  /** Interfaces that are not there. */
  readonly away: Set<string>
}

const done = (stdout = '', stderr = ''): Run => ({ code: stderr === '' ? 0 : 1, stdout, stderr })

export function fakeKernel(): FakeKernel {
  const classes = new Map<string, HeldClass>()
  const queues = new Map<string, string>()
  const queueDrops = new Map<string, number>()
  const roots = new Map<string, string>()
  const tables = new Map<string, string>()
  const written: string[] = []
  const filters: string[] = []

  const kernel: FakeKernel = {
    classes,
    roots,
    tables,
    queueDrops,
    written,
    refuse: null,
    installed: { tc: true, nft: true },
    away: new Set(),
    async exec(command, args, input = '') {
      if (!kernel.installed[command as 'tc' | 'nft'])
        return { code: null, stdout: '', stderr: `spawn ${command} ENOENT` }
      if (command === 'nft') return nft(args, input)
      if (args[0] === '-V') return done('tc utility, fake')
      const gone = [...kernel.away].find((name) => new RegExp(`dev ${name}\\b`).test(`${args.join(' ')}\n${input}`))
      if (gone !== undefined) return done('', `Cannot find device "${gone}"`)
      if (args.includes('class')) return done(JSON.stringify(shown(args.at(-1)!)))
      if (args.includes('filter')) return done(filters.filter((line) => line.includes(`dev ${args[3]} `)).join('\n'))
      const lines = input.trim().split('\n')
      const complaints = batch(lines.filter((line) => !/ show /.test(line)))
      return done(questions(lines.filter((line) => / show /.test(line))), complaints)
    },
  }

  function questions(lines: readonly string[]): string {
    const answers = lines.map((question) => {
      const device = question.split(' ').at(-1)!
      return JSON.stringify(question.startsWith('qdisc') ? qdiscs(device) : shown(device))
    })
    return `${answers.join('\n')}\n`
  }

  function batch(lines: readonly string[]): string {
    return lines
      .map(line)
      .filter((text) => text !== '')
      .join('\n')
  }

  function line(text: string): string {
    written.push(text)
    const { refuse } = kernel
    if (refuse && refuse.times > 0 && refuse.pattern.test(text)) {
      refuse.times--
      return refuse.complaint
    }
    const words = text.split(' ')
    const word = (name: string): string => words[words.indexOf(name) + 1] ?? ''
    const device = word('dev')
    const key = `${device} ${word('classid')}`
    if (text.startsWith('qdisc add') && words.includes('root')) roots.set(device, `${word('htb') && 'htb'} 1: 0xfff0`)
    else if (/^qdisc (add|replace) /.test(text))
      queues.set(`${device} ${word('parent')}`, /(?:bfifo|cake|fq_codel) .*$/.exec(text)![0])
    else if (text.startsWith('class del')) classes.delete(key)
    else if (text.startsWith('class ')) {
      const parent = word('parent')
      const bits = (name: string) => Math.floor(Number.parseInt(word(name), 10) / 8)
      const number = (name: string) => (words.includes(name) ? Number(word(name)) : 0)
      const top = parent === '1:' || !classes.has(`${device} ${parent}`)
      const before = classes.get(key)
      classes.set(key, {
        // A missing parent puts a class at the top, and a change does not move it: rc 0 in both cases.
        root: before ? before.root : top,
        parent: before ? before.parent : parent,
        rate: bits('rate'),
        ceil: bits('ceil'),
        burst: number('burst') + 1,
        cburst: number('cburst') - 1,
        quantum: number('quantum'),
        prio: number('prio'),
        bytes: before?.bytes ?? 0,
      })
    } else if (text.startsWith('filter del')) filters.length = 0
    else if (text.startsWith('filter add')) filters.push(text)
    else return `What is "${words[0]}"?`
    return ''
  }

  function qdiscs(device: string): unknown[] {
    const [kind, handle, fallback] = (roots.get(device) ?? 'noqueue 0:').split(' ')
    const leaves = [...queues].filter(([key]) => key.startsWith(`${device} `))
    const root = { kind, handle, root: true, options: fallback ? { default: fallback } : {} }
    return [
      root,
      ...leaves.map(([key, queue]) => ({
        kind: queue.split(' ', 1)[0],
        handle: '8001:',
        parent: key.split(' ')[1],
        options: optionsOf(queue),
        drops: queueDrops.get(key) ?? 0,
      })),
    ]
  }

  function shown(device: string): unknown[] {
    return [...classes].flatMap(([key, { root, parent, bytes, ...rest }]) => {
      const [at, handle] = key.split(' ')
      if (at !== device) return []
      const stats = { bytes, packets: bytes / 100, drops: 0, backlog: 0 }
      return [{ class: 'htb', handle, ...(root ? { root } : { parent }), ...rest, stats }]
    })
  }

  function nft(args: readonly string[], input: string): Run {
    if (args[0] === '--version') return done('nftables, fake')
    if (args.includes('list')) {
      const name = args.slice(-2).join(' ')
      const text = tables.get(name)
      return text === undefined ? done('', 'Error: No such file or directory') : done(listed(text))
    }
    written.push(input)
    const name = /^(?:add table|flush map) (\S+ \S+)/.exec(input)![1]!
    tables.set(name, input.startsWith('add table') ? input : `${withoutMaps(tables.get(name)!, input)}\n${input}`)
    return done()
  }

  return kernel
}

/** As tc shows them: times in microseconds, in whole ticks of 1,024 ns. */
function optionsOf(queue: string): Record<string, string | number> {
  const [, ...words] = queue.replace('unlimited besteffort', 'bandwidth unlimited diffserv besteffort').split(' ')
  const pairs = words.flatMap((word, k) => (k % 2 === 0 ? [[word, words[k + 1]!] as const] : []))
  const value = (text: string): string | number =>
    text.endsWith('ms')
      ? Math.floor(Math.floor((Number.parseInt(text, 10) * 1e6) / 1024) * 1.024)
      : Number(text) || text
  return Object.fromEntries(pairs.map(([name, text]) => [name, value(text)]))
}

/** The table's text less the elements of the maps that a later text flushes. */
function withoutMaps(table: string, later: string): string {
  const flushed = [...later.matchAll(/^flush map \S+ \S+ (\S+)/gm)].map((m) => m[1]!)
  return table
    .split('\n')
    .filter((text) => !flushed.some((map) => new RegExp(`^add element \\S+ \\S+ ${map} `).test(text)))
    .join('\n')
}

/** As `nft -j list table` prints it: a host without its length, names instead of offsets. */
function listed(text: string): string {
  const mark = /chain (mark-\w+)/.exec(text)![1]!
  const maps = [...text.matchAll(/^add element \S+ \S+ (\S+) \{ (.*) \}$/gm)].map(([, name, list]) => ({
    map: {
      name,
      elem: list!.split(', ').map((pair) => {
        const [prefix, value] = pair.split(' : ') as [string, string]
        const [addr, len] = prefix.split('/') as [string, string]
        const key = len === '32' || len === '128' ? addr : { prefix: { addr, len: Number(len) } }
        return [key, value.startsWith('goto ') ? { goto: { target: value.slice(5) } } : value]
      }),
    },
  }))
  return JSON.stringify({
    nftables: [{ metainfo: {} }, { chain: { name: 'down', hook: 'egress' } }, { chain: { name: mark } }, ...maps],
  })
}
