// A small internet of three network namespaces, made and removed by the test that uses it:
//
//    client  c0 ----- lan0  gateway  wan0 ----- s0  server
//    10.1.5.2         10.1.5.1                 203.0.113.2   far side of `internet`
//    10.1.6.2 ...     10.1.6.1 ...             198.51.100.2  far side of `exchange`
//    fd10:5::2        fd10:5::1                2001:db8::2
//
// and where they are asked for, another LAN with a branch of finance and another WAN, which only who comes from there
// leaves by:
//
//    10.1.10.2  c1 -- lan1           wan1 ----- s1
//
// All traffic stays inside. Packets get their DSCP from an nft rule at the sender, because Node cannot set it: UDP to
// port 50xx or 51xx leaves with DSCP xx. What goes to 51xx is counted where it arrives, and is gone: nobody need be
// awake to receive it.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const TRAFFIC = fileURLToPath(new URL('./traffic.mjs', import.meta.url))
/** Between two looks, ms. */
const POLL = 15
let made = 0

/** `npm run test:kernel`: also what takes long. */
export const LONG = process.env.MIZANI_KERNEL_LONG === '1'
/** Of what is received; with DSCP xx it is so many more. */
export const PORT = 5000
const HOLE = 5100
const MARKS = [46, 34, 8]
export const CLIENT = {
  finance: '10.1.5.2',
  finance6: 'fd10:5::2',
  clinic: '10.1.6.2',
  school: '10.1.7.2',
  campus: '10.1.8.2',
  stranger: '10.1.9.2',
  /** Behind the other LAN. */
  branch: '10.1.10.2',
} as const
const SUBNETS = [5, 6, 7, 8, 9]
export const SERVER = { internet: '203.0.113.2', exchange: '198.51.100.2', internet6: '2001:db8::2' } as const

export interface Namespaces {
  readonly client: string
  readonly gateway: string
  readonly server: string
  /** Runs a command in a namespace to its end; throws when it fails. */
  run(namespace: string, ...command: string[]): string
  /** Starts a sender or receiver; it ends with the namespaces at the latest. */
  traffic(namespace: string, ...args: string[]): Traffic
  /** Starts to send UDP that is counted where it arrives. */
  send(namespace: string, ...flows: Flow[]): Traffic
  /** Starts to count such UDP at the client: packets that have arrived, and a wait until they are so many. */
  arrivals(): { count(): number; reach(sent: number): Promise<unknown> }
  /** HTB classes of a device of the gateway, by minor. */
  classes(device: string): ReadonlyMap<number, KernelClass>
  /** Bytes an interface has received, frames with their headers. */
  received(namespace: string, device: string): number
  remove(): void
}

/** As tc shows it; rates in bytes/s. */
export interface KernelClass {
  readonly handle: string
  readonly rate: number
  readonly ceil: number
}

export interface Flow {
  readonly to: string
  readonly from?: string | undefined
  readonly dscp?: number
  /** Mbit/s at layer 2; absent: all at once. */
  readonly mbit?: number
  /** Packets; absent: until it is stopped. */
  readonly count?: number
  /** Bytes of a frame; absent: a full one. */
  readonly size?: number
}

export interface Traffic {
  readonly child: ChildProcess
  /** Resolves when a receiver listens. */
  readonly ready: Promise<unknown>
  /** Resolves with what it prints last: packets sent. */
  readonly done: Promise<number>
  /** Asks it to end. */
  stop(): void
}

/** Why kernel tests cannot run here; null: they can, and then none may be skipped. */
export function kernelObstacle(): string | null {
  if (process.getuid?.() !== 0) return 'needs root to make network namespaces'
  if (!existsSync('/sys/module/sch_htb') && spawnSync('modprobe', ['sch_htb']).status !== 0)
    return 'no HTB in the kernel'
  return null
}

export interface Shape {
  readonly masquerade?: boolean
  /** Interfaces of the gateway on each side: lan0 and lan1, wan0 and wan1. */
  readonly lans?: 1 | 2
  readonly wans?: 1 | 2
}

export function makeNamespaces({ masquerade = false, lans = 1, wans = 1 }: Shape = {}): Namespaces {
  const tag = `mz${process.pid}-${++made}`
  const [client, gateway, server] = [`${tag}-c`, `${tag}-g`, `${tag}-s`]
  const started = new Set<ChildProcess>()
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString()
  const run = (namespace: string, ...command: string[]) => ip('netns', 'exec', namespace, ...command)

  function remove(): void {
    for (const child of started) child.kill('SIGKILL')
    for (const namespace of [client, gateway, server]) spawnSync('ip', ['netns', 'del', namespace], { stdio: 'ignore' })
  }

  try {
    for (const namespace of [client, gateway, server]) {
      ip('netns', 'add', namespace)
      ip('-n', namespace, 'link', 'set', 'lo', 'up')
    }
    const ends = [
      [client, 'c0', [...SUBNETS.map((n) => `10.1.${n}.2/24`), 'fd10:5::2/64'], ['10.1.5.1', 'fd10:5::1']],
      [gateway, 'lan0', [...SUBNETS.map((n) => `10.1.${n}.1/24`), 'fd10:5::1/64'], []],
      [gateway, 'wan0', ['203.0.113.1/24', '198.51.100.1/24', '2001:db8::1/64'], []],
      [
        server,
        's0',
        Object.values(SERVER).map((a) => `${a}/${a.includes(':') ? 64 : 24}`),
        ['203.0.113.1', '2001:db8::1'],
      ],
    ] as const
    ip('link', 'add', 'c0', 'netns', client, 'type', 'veth', 'peer', 'name', 'lan0', 'netns', gateway)
    ip('link', 'add', 'wan0', 'netns', gateway, 'type', 'veth', 'peer', 'name', 's0', 'netns', server)
    for (const [namespace, device, addresses, routes] of ends) {
      ip('-n', namespace, 'link', 'set', device, 'up')
      // nodad: a fresh IPv6 address would otherwise be unusable for a second.
      for (const a of addresses)
        ip('-n', namespace, 'addr', 'add', a, 'dev', device, ...(a.includes(':') ? ['nodad'] : []))
      for (const via of routes)
        ip('-n', namespace, via.includes(':') ? '-6' : '-4', 'route', 'add', 'default', 'via', via)
    }
    const forward = 'echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
    run(gateway, 'sh', '-c', forward)
    const more = (from: readonly [string, string], to: readonly [string, string], net: string) => {
      ip('link', 'add', from[1], 'netns', from[0], 'type', 'veth', 'peer', 'name', to[1], 'netns', to[0])
      for (const [k, [namespace, device]] of [from, to].entries()) {
        ip('-n', namespace, 'addr', 'add', `${net}.${k + 1}/24`, 'dev', device)
        ip('-n', namespace, 'link', 'set', device, 'up')
      }
    }
    /** Whoever comes from the branch leaves another way. */
    const branch = (namespace: string, via: string) => {
      ip('-n', namespace, 'route', 'add', 'default', 'via', via, 'table', '100')
      ip('-n', namespace, 'rule', 'add', 'from', '10.1.10.0/24', 'lookup', '100')
    }
    if (lans === 2) {
      more([gateway, 'lan1'], [client, 'c1'], '10.1.10')
      branch(client, '10.1.10.1')
    }
    if (wans === 2) {
      more([gateway, 'wan1'], [server, 's1'], '192.0.2')
      branch(gateway, '192.0.2.2')
    }
    for (const namespace of [client, server]) nft(namespace, rulesOfPorts())
    if (masquerade) nft(gateway, MASQUERADE)
  } catch (error) {
    remove()
    throw error
  }

  function traffic(namespace: string, ...args: string[]): Traffic {
    // Ahead of other work on the machine: a sender that is starved measures nothing.
    const command = ['netns', 'exec', namespace, 'nice', '-n', '-15', process.execPath, TRAFFIC, ...args]
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    started.add(child)
    let text = ''
    child.stdout.on('data', (chunk) => {
      text += chunk
    })
    const ready = once(child.stdout, 'data')
    const done = new Promise<number>((resolve) => {
      child.once('close', () => {
        started.delete(child)
        resolve(Number(text.trim().split('\n').at(-1)))
      })
    })
    return { child, ready, done, stop: () => child.kill('SIGTERM') }
  }

  function arrived(): number {
    const text = run(client, 'nft', '-j', 'list', 'counter', 'inet', 'ports', 'arrived')
    const { nftables } = JSON.parse(text) as { nftables: { counter?: { packets: number } }[] }
    return nftables.find(({ counter }) => counter)!.counter!.packets
  }

  return {
    ...{ client, gateway, server, run, remove, traffic },
    classes(device) {
      const found = JSON.parse(run(gateway, 'tc', '-j', '-d', 'class', 'show', 'dev', device)) as KernelClass[]
      return new Map(found.map((c) => [Number.parseInt(c.handle.slice(2), 16), c]))
    },
    received(namespace, device) {
      const [link] = JSON.parse(ip('-n', namespace, '-j', '-s', 'link', 'show', 'dev', device)) as {
        stats64: { rx: { bytes: number } }
      }[]
      return link!.stats64.rx.bytes
    },
    send: (namespace, ...flows) =>
      traffic(
        namespace,
        'udp-send',
        JSON.stringify(flows.map(({ dscp = 0, ...flow }) => ({ ...flow, port: HOLE + dscp }))),
      ),
    arrivals() {
      const before = arrived()
      const count = () => arrived() - before
      const told = (sent: number) => () => `${count()} of ${sent} packets arrive`
      return { count, reach: (sent) => until(told(sent), () => count() >= sent, 5) }
    },
  }
}

/** Looks again and again until there is something to see, and returns it. */
export async function until<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 30,
): Promise<T> {
  for (const end = performance.now() + seconds * 1_000; ; await sleep(POLL)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`${typeof what === 'string' ? what : what()}: not within ${seconds} s`)
  }
}

function nft(namespace: string, text: string): void {
  execFileSync('ip', ['netns', 'exec', namespace, 'nft', '-f', '-'], { input: text })
}

const MASQUERADE = `
table ip nat {
  chain out {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "wan0" counter masquerade
  }
}
`

function rulesOfPorts(): string {
  const marks = MARKS.flatMap((dscp) =>
    ['ip', 'ip6'].map((family) => `udp dport { ${PORT + dscp}, ${HOLE + dscp} } ${family} dscp set ${dscp}`),
  )
  return `table inet ports {
  counter arrived {
  }
  chain marks {
    type filter hook output priority 0; policy accept;
    ${marks.join('\n    ')}
  }
  chain hole {
    type filter hook prerouting priority raw; policy accept;
    udp dport ${HOLE}-${HOLE + 63} counter name arrived drop
  }
}
`
}
